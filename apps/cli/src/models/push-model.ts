/** `bud model push`: a folder becomes a model, or the next version of the one that has its name. */
import { basename, resolve } from 'node:path'
import type { ModelDetail } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import { parseCount } from '../numbers.ts'
import { type Answer, type Cli, text, type Values, type VerbSpec } from '../verb.ts'
import { type Accepted, finishImport } from './finish-import.ts'
import { claimOptions, noWaitOption, readClaims } from './options.ts'
import { readLocalFolder } from './push/local-files.ts'
import { DEFAULT_PARALLEL, pushFolder } from './push/push-folder.ts'

const MAX_PARALLEL = 64

export const pushVerb: VerbSpec = {
  use: 'push <folder>',
  summary: 'Send a folder, then register and scan it; goes on where it was cut off',
  options: [
    ['--name <name>', 'name in the registry; default: the folder’s'],
    ['--parallel <n>', 'transfers at a time', String(DEFAULT_PARALLEL)],
    ['--restart', 'send everything anew'],
    ...claimOptions,
    ...noWaitOption,
  ],
  examples: [
    'model push ./tiny-llama --name tiny-llama',
    'model push ./tuned --name team/chat --base-model meta-llama/Llama-3.1-8B-Instruct --parallel 8',
  ],
  run: pushModel,
}

async function pushModel(cli: Cli, [given = '']: string[], options: Values): Promise<Answer> {
  const folder = resolve(given)
  const name = await requireName(text(options, 'name') ?? basename(folder))
  const claims = readClaims(options)
  const parallel = parseCount(text(options, 'parallel') ?? String(DEFAULT_PARALLEL), '--parallel')
  if (parallel > MAX_PARALLEL) throw invalidInput(`--parallel is at most ${MAX_PARALLEL}, not ${parallel}.`)
  const local = await readLocalFolder(folder)
  const existing = await findRegistered(cli, name)
  if (existing) cli.say(`There is a model "${name}": this becomes its next version, ${nextVersion(existing)}.`)
  const pushed = await pushFolder(cli, local, { parallel, restart: options.restart === true })
  const source = { ...claims, source_path: pushed.sourcePath }
  const accepted: Accepted = existing
    ? await cli.client.models.addVersion({ id: existing.id, ...source })
    : await cli.client.models.register({ name, ...source })
  pushed.forget()
  return finishImport(cli, accepted, options)
}

/** Said before gigabytes are on their way. */
async function requireName(name: string): Promise<string> {
  const { RegisterModel } = await import('@bud/contract')
  const parsed = RegisterModel.shape.name.safeParse(name)
  if (parsed.success) return name
  const problem = parsed.error.issues[0]?.message ?? 'it is not a name'
  throw invalidInput(`"${name}" cannot be a model’s name: ${problem}. Say another with --name.`)
}

async function findRegistered(cli: Cli, name: string): Promise<ModelDetail | undefined> {
  const found = await cli.client.models.get({ id: name }).catch((error) => {
    if (error instanceof Error && 'status' in error && error.status === 404) return undefined
    throw error
  })
  return found?.origin === 'registered' ? found : undefined
}

const nextVersion = ({ versions }: ModelDetail): number => Math.max(0, ...versions.map(({ number }) => number)) + 1
