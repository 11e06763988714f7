/** Credentials as they may be given: by the environment, on standard input, or asked for; never as an argument. */
import { text as readAll } from 'node:stream/consumers'
import { invalidInput } from '@bud/kernel'

interface SecretRequest {
  /** What people are asked for, e.g. "Secret access key". */
  label: string
  variable: string
  fromEnvironment: string | undefined
  /** The option --secret-stdin is given. */
  fromStdin: boolean
}

/** Undefined where there is none, or an empty one was given. */
export async function findSecret({ label, fromEnvironment, fromStdin }: SecretRequest): Promise<string | undefined> {
  if (fromStdin) return (await readAll(process.stdin)).trim() || undefined
  if (fromEnvironment !== undefined) return fromEnvironment
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const { isCancel, password } = await import('@clack/prompts')
  const given = await password({ message: label, output: process.stderr })
  if (isCancel(given)) throw invalidInput('Nothing was added.')
  return given?.trim() || undefined
}

export async function requireSecret(request: SecretRequest): Promise<string> {
  const secret = await findSecret(request)
  if (secret !== undefined) return secret
  throw invalidInput(
    `${request.label} is missing: set ${request.variable}, or give it on standard input with --secret-stdin.`,
  )
}
