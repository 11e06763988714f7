/** Where the Foundry is and who we are to it: flags, environment, saved profile, the data folder, in this order. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { BudError } from '@bud/kernel'
import { z } from 'zod'

const projectDir = resolve(import.meta.dirname, '../../..')

const Environment = z.object({
  BUD_URL: z.url().optional(),
  BUD_TOKEN: z.string().min(1).optional(),
  BUD_PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
  BUD_DATA_DIR: z.string().min(1).optional(),
  XDG_CONFIG_HOME: z.string().min(1).optional(),
})

const Profile = z.object({ url: z.url(), token: z.string() })
export type Profile = z.infer<typeof Profile>

export interface Connection {
  url: string
  token: string | undefined
  /** Where the secrets that `bud` itself creates are kept. */
  secretsDir: string
  /** What was tried, for the error message. */
  tokenSource: string
}

export interface ConnectionFlags {
  url?: string | undefined
  token?: string | undefined
  dataDir?: string | undefined
}

export function findConnection(flags: ConnectionFlags, env: NodeJS.ProcessEnv = process.env): Connection {
  const settings = parseEnvironment(env)
  const profileFile = profilePath(settings.XDG_CONFIG_HOME)
  const dataDir = resolve(flags.dataDir ?? settings.BUD_DATA_DIR ?? defaultDataDir())
  const url = flags.url ?? settings.BUD_URL
  const token = flags.token ?? settings.BUD_TOKEN
  const profile = readProfile(profileFile)
  const explicitFolder = flags.dataDir ?? settings.BUD_DATA_DIR
  if (!url && !token && profile && !explicitFolder) {
    return { url: profile.url, token: profile.token, secretsDir: dirname(profileFile), tokenSource: profileFile }
  }
  const tokenFile = join(dataDir, 'token')
  return {
    url: url ?? `http://127.0.0.1:${settings.BUD_PORT}`,
    token: token ?? readTokenFile(tokenFile),
    secretsDir: existsSync(dataDir) ? dataDir : dirname(profileFile),
    tokenSource: token ? 'the token given' : tokenFile,
  }
}

export function saveProfile(profile: Profile, env: NodeJS.ProcessEnv = process.env): string {
  const file = profilePath(parseEnvironment(env).XDG_CONFIG_HOME)
  writeSecretFile(file, `${JSON.stringify(profile, null, 2)}\n`)
  return file
}

export function writeSecretFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, text, { mode: 0o600 })
  chmodSync(file, 0o600)
}

function parseEnvironment(env: NodeJS.ProcessEnv) {
  const parsed = Environment.safeParse(env)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new BudError('invalid-input', `These environment variables are not valid: ${problems.join('; ')}`)
}

/** `./.bud` here when it is there, else the project's own. */
function defaultDataDir(): string {
  return existsSync('.bud') ? '.bud' : join(projectDir, '.bud')
}

const profilePath = (configHome: string | undefined) =>
  join(configHome ?? join(homedir(), '.config'), 'bud', 'profile.json')

function readProfile(file: string): Profile | undefined {
  if (!existsSync(file)) return undefined
  try {
    return Profile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new BudError('invalid-input', `The profile ${file} cannot be read; write it again with "bud login".`, {
      cause,
    })
  }
}

function readTokenFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}
