/** Starts the whole product as its users do, in a data folder and on ports of its own, for suites and benches. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createFoundryClient, type FoundryClient } from '@bud/contract'

const root = resolve(import.meta.dirname, '..')
const READY_TIMEOUT_MS = 60_000

export interface RunningFoundry {
  url: string
  dataDir: string
  pid: number
  /** What it printed. */
  output: () => string
  /** The one-time link printed at the first start. */
  signInLink: () => string | undefined
  token: () => Promise<string>
  client: () => Promise<FoundryClient>
  /** SIGTERM, then waits; resolves with the exit code. */
  stop(): Promise<number | null>
  /** kill -9, then waits. */
  kill(): Promise<void>
}

export interface FoundryOptions {
  dataDir?: string
  port?: number
  gatewayPort?: number
  env?: Record<string, string>
}

export async function startFoundry(options: FoundryOptions = {}): Promise<RunningFoundry> {
  const dataDir = options.dataDir ?? (await temporaryDataDir())
  const port = options.port ?? (await freePort())
  const gatewayPort = options.gatewayPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    process.execPath,
    ['apps/foundry/src/main.ts', '--port', String(port), '--gateway-port', String(gatewayPort), '--data-dir', dataDir],
    { cwd: root, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  await waitUntilReady(child, () => output)
  const token = async () => (await readFile(join(dataDir, 'token'), 'utf8')).trim()
  return {
    url,
    dataDir,
    pid: child.pid ?? 0,
    output: () => output,
    signInLink: () => /https?:\/\/\S+\/api\/auth\/\S+|https?:\/\/\S+\/ui\/sign-in\S+/.exec(output)?.[0],
    token,
    client: async () => createFoundryClient({ url, token: await token() }),
    stop: async () => {
      const ended = exitOf(child)
      child.kill('SIGTERM')
      return ended
    },
    kill: async () => {
      const ended = exitOf(child)
      child.kill('SIGKILL')
      await ended
    },
  }
}

export const temporaryDataDir = (): Promise<string> =>
  mkdtemp(join(tmpdir(), 'bud-e2e-')).then((dir) => join(dir, 'state'))

export const removeDataDir = (dataDir: string): Promise<void> =>
  rm(resolve(dataDir, '..'), { recursive: true, force: true })

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((done) => child.once('exit', done))
}

async function waitUntilReady(child: ChildProcess, output: () => string): Promise<void> {
  const endMs = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`The Foundry ended with code ${child.exitCode}:\n${output()}`)
    if (output().includes('Bud AI Foundry is ready')) return
    await new Promise((done) => setTimeout(done, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`The Foundry was not ready after ${READY_TIMEOUT_MS / 1000} s:\n${output()}`)
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
