/** Programs that suites start and end: built once into a cache outside the clone, on loopback, ended by their id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 10_000
const POLL_MS = 25

export const partFolder = (name: string): string =>
  join(process.env.BUD_PARTS_DIR ?? join(homedir(), '.cache/bud-parts'), name)

export interface GoProgram {
  /** Keyed by version. */
  folder: string
  program: string
  /** `module@version` */
  module: string
}

export const isBuilt = ({ folder, program }: GoProgram): boolean => existsSync(join(partFolder(folder), program))

/** By Go's own module client; minutes, once. Throws with the last words of the build. */
export async function buildGoProgram(part: GoProgram): Promise<void> {
  if (isBuilt(part)) return
  const folder = partFolder(part.folder)
  mkdirSync(folder, { recursive: true })
  const child = spawn('go', ['install', part.module], {
    env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-3000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`go install ${part.module} ended with ${code}: ${errors}`)
}

export interface RunningProgram {
  pid: number
  stop(): Promise<void>
}

/** Resolves when `ready` does; rejects with what the program printed last. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; log: string; ready: () => Promise<boolean> },
): Promise<RunningProgram> {
  const output = openSync(options.log, 'a')
  const child = spawn(command, args, { env: { ...process.env, ...options.env }, stdio: ['ignore', output, output] })
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  const deadline = Date.now() + START_LIMIT_MS
  while (Date.now() < deadline && failure === undefined && child.exitCode === null) {
    if (await options.ready().catch(() => false)) return { pid: child.pid ?? 0, stop: () => end(child) }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  await end(child)
  const lastWords = readFileSync(options.log, 'utf8').slice(-3000)
  throw new Error(`${command} did not start: ${failure?.message ?? ''}\n${lastWords}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  await gone
  clearTimeout(timer)
}
