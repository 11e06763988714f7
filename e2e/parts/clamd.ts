/** Debian's clamd with a folder, a configuration and signatures of its own: how it is started and ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eicarTestString } from '../../packages/budmodel/src/domain/scan/signature-search.ts'
import { freePort } from '../foundry.ts'
import { databaseOf } from './clamd-database.ts'

const PROGRAM = '/usr/sbin/clamd'
const START_LIMIT_MS = 10_000
const STOP_LIMIT_MS = 5_000
const POLL_MS = 20

export const isClamdInstalled = (): boolean => existsSync(PROGRAM)

export interface ClamdOptions {
  /** Lines of clamd.conf beside the necessary ones; AlertExceedsMax is yes unless told otherwise. */
  settings?: Record<string, string | number>
  databaseVersion?: number
  /** Found beside EICAR: name → bytes. */
  signatures?: Record<string, string>
  /** Started again where an ended one was. */
  at?: Pick<RunningClamd, 'folder' | 'tcp'>
}

export interface RunningClamd {
  folder: string
  unix: { path: string }
  tcp: { host: string; port: number }
  startedInMs: number
  /** At once, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Removes its folder too. */
  stop(): Promise<void>
}

export async function startClamd(options: ClamdOptions = {}): Promise<RunningClamd> {
  const folder = options.at?.folder ?? mkdtempSync(join(tmpdir(), 'bud-clamd-'))
  const tcp = options.at?.tcp ?? { host: '127.0.0.1', port: await freePort() }
  const unix = { path: join(folder, 'clamd.ctl') }
  writeFiles(folder, unix.path, tcp, options)
  const log = join(folder, 'output.log')
  const startedMs = performance.now()
  const child = spawn(PROGRAM, ['--config-file', join(folder, 'clamd.conf')], {
    stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
  })
  const clamd: RunningClamd = {
    ...{ folder, unix, tcp, startedInMs: 0 },
    kill: () => end(child, 'SIGKILL'),
    stop: async () => {
      await end(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  try {
    await untilItAnswers(unix.path, child)
    await untilItAnswers(tcp, child)
  } catch (error) {
    const lastWords = readFileSync(log, 'utf8').slice(-2000)
    await clamd.stop()
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${lastWords}`)
  }
  return { ...clamd, startedInMs: performance.now() - startedMs }
}

function writeFiles(folder: string, socket: string, tcp: RunningClamd['tcp'], options: ClamdOptions): void {
  const { databaseVersion = 1, signatures = {}, settings } = options
  for (const name of ['database', 'temporary']) mkdirSync(join(folder, name), { recursive: true })
  rmSync(socket, { force: true })
  const database = databaseOf({
    version: databaseVersion,
    bytes: { 'Bud.Test.Eicar': eicarTestString, ...signatures },
    files: { 'Bud.Test.Eicar-File': eicarTestString },
  })
  writeFileSync(join(folder, 'database/daily.cud'), database)
  const lines = {
    Foreground: 'yes',
    DatabaseDirectory: join(folder, 'database'),
    TemporaryDirectory: join(folder, 'temporary'),
    LocalSocket: socket,
    TCPSocket: tcp.port,
    TCPAddr: tcp.host,
    AlertExceedsMax: 'yes',
    ...settings,
  }
  const text = Object.entries(lines).map(([name, value]) => `${name} ${value}\n`)
  writeFileSync(join(folder, 'clamd.conf'), text.join(''))
}

async function untilItAnswers(place: string | RunningClamd['tcp'], child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`clamd ended with code ${child.exitCode} before it listened.`)
    if ((await ping(place)) === 'PONG') return
    await new Promise((done) => setTimeout(done, POLL_MS))
  }
  throw new Error(`clamd did not answer after ${START_LIMIT_MS / 1000} s.`)
}

function ping(place: string | RunningClamd['tcp']): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = typeof place === 'string' ? connect(place) : connect(place)
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    socket.once('error', () => resolve(''))
    socket.once('close', () => resolve(answer.trim()))
    socket.write('nPING\n')
  })
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  await gone
  clearTimeout(timer)
}
