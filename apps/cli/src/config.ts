/** Where the Foundry is and who we are to it: flags, environment, saved profile, the data folder, in this order. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { BudError, invalidInput } from '@bud/kernel'
import { z } from 'zod'

const DEFAULT_PORT = 3000
const projectDir = resolve(import.meta.dirname, '../../..')

const Address = z.url({ protocol: /^https?$/, error: 'must be an address such as http://127.0.0.1:3000' })

const Environment = z.object({
  BUD_URL: Address.optional(),
  BUD_TOKEN: z.string().optional(),
  BUD_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  BUD_DATA_DIR: z.string().optional(),
  XDG_CONFIG_HOME: z.string().optional(),
  XDG_STATE_HOME: z.string().optional(),
  BUD_S3_SECRET_ACCESS_KEY: z.string().optional(),
  BUD_S3_SESSION_TOKEN: z.string().optional(),
  BUD_HF_TOKEN: z.string().optional(),
})

/** A command line of ours as this person would type it: "npx bud …" for those who run us through npm. */
export function bud(args: string, env: NodeJS.ProcessEnv = process.env): string {
  return `${env.npm_execpath || env.npm_command ? 'npx bud' : 'bud'} ${args}`
}

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

/** A token is sent only where it belongs: the profile's to its address, the data folder's to this machine. */
export function findConnection(flags: ConnectionFlags, env: NodeJS.ProcessEnv = process.env): Connection {
  const settings = parseEnvironment(env)
  const profileFile = profilePath(settings.XDG_CONFIG_HOME)
  const folder = flags.dataDir ?? settings.BUD_DATA_DIR
  const dataDir = resolve(folder ?? defaultDataDir())
  const port = settings.BUD_PORT
  const url =
    parseAddress(flags.url) ?? settings.BUD_URL ?? (port === undefined ? undefined : `http://127.0.0.1:${port}`)
  const token = flags.token ?? settings.BUD_TOKEN
  const profile = readProfile(profileFile, env)
  const profileFits = profile && !token && (url === undefined ? !folder : sameOrigin(url, profile.url))
  if (profileFits)
    return { url: profile.url, token: profile.token, secretsDir: dirname(profileFile), tokenSource: profileFile }
  const local = readLine(join(dataDir, 'address'))
  const address = url ?? local ?? `http://127.0.0.1:${DEFAULT_PORT}`
  const here = { url: address, secretsDir: existsSync(dataDir) ? dataDir : dirname(profileFile) }
  if (token) return { ...here, token, tokenSource: 'the token given' }
  if (!folder && address !== local && !isThisMachine(address))
    return {
      ...here,
      token: undefined,
      tokenSource: `nowhere: give --token or BUD_TOKEN, or use "${bud('login', env)}"`,
    }
  const tokenFile = join(dataDir, 'token')
  return { ...here, token: readLine(tokenFile), tokenSource: tokenFile }
}

function parseAddress(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const parsed = Address.safeParse(url)
  if (!parsed.success) throw invalidInput(`--url must be an address such as http://127.0.0.1:3000, not "${url}".`)
  return parsed.data
}

const sameOrigin = (a: string, b: string): boolean => new URL(a).origin === new URL(b).origin
const isThisMachine = (url: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)

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

/** Where unfinished pushes are remembered. */
export function pushStateDir(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME } = parseEnvironment(env)
  return join(XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'bud', 'pushes')
}

/** Credentials for places that models come from: never arguments, which every user of the machine can read. */
export function sourceSecrets(env: NodeJS.ProcessEnv = process.env) {
  const { BUD_S3_SECRET_ACCESS_KEY, BUD_S3_SESSION_TOKEN, BUD_HF_TOKEN } = parseEnvironment(env)
  return { s3Secret: BUD_S3_SECRET_ACCESS_KEY, s3SessionToken: BUD_S3_SESSION_TOKEN, hubToken: BUD_HF_TOKEN }
}

function parseEnvironment(env: NodeJS.ProcessEnv) {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(set)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw invalidInput(`These environment variables are not valid: ${problems.join('; ')}`)
}

/** `./.bud` here when it is there, else the project's own. */
function defaultDataDir(): string {
  return existsSync('.bud') ? '.bud' : join(projectDir, '.bud')
}

const profilePath = (configHome: string | undefined) =>
  join(configHome ?? join(homedir(), '.config'), 'bud', 'profile.json')

function readProfile(file: string, env: NodeJS.ProcessEnv): Profile | undefined {
  if (!existsSync(file)) return undefined
  try {
    return Profile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new BudError(
      'invalid-input',
      `The profile ${file} cannot be read; write it again with "${bud('login', env)}".`,
      {
        cause,
      },
    )
  }
}

/** What a Foundry wrote into its data folder. */
function readLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}
