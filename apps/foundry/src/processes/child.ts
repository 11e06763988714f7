/** A child process that must live as long as we do: started, watched, restarted with back-off, ended with us. */
import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { failed, messageOf, unavailable } from '@bud/kernel'
import type { FastifyBaseLogger } from 'fastify'
import { z } from 'zod'
import { compileCacheDir } from '../compile-cache.ts'

const Ready = z.object({ type: z.literal('ready'), port: z.number().int() })
const READY_TIMEOUT_MS = 20_000
const RESTART_DELAY_MS = { first: 200, longest: 10_000 }
const STOP_TIMEOUT_MS = 15_000
const LAST_WORDS_LENGTH = 2_000

export interface ChildOptions {
  name: string
  /** Absolute path of a TypeScript file. */
  file: string
  /** `port` is the one the child had before: people know its address. */
  args: (port: number | undefined) => string[]
  env: Record<string, string>
  logger: FastifyBaseLogger
}

export interface Child {
  readonly port: number
  readonly pid: number | undefined
  /** SIGTERM, and SIGKILL when that does not end it. */
  stop(): Promise<void>
}

/** Resolves when the child is ready; rejects, with its last words, when it ends before. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = new SupervisedChild(options)
  await child.start()
  return child
}

class SupervisedChild implements Child {
  readonly #options: ChildOptions
  #process: ChildProcess | undefined
  #port: number | undefined
  #delayMs = RESTART_DELAY_MS.first
  #timer: NodeJS.Timeout | undefined
  #starting: Promise<void> = Promise.resolve()
  #stopping = false

  constructor(options: ChildOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#port ?? 0
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  async start(): Promise<void> {
    const child = spawnChild(this.#options, this.#port)
    this.#process = child
    this.#port = await untilReady(child, this.#options)
    const readyMs = performance.now()
    child.once('exit', (code, signal) => {
      if (performance.now() - readyMs > RESTART_DELAY_MS.longest) this.#delayMs = RESTART_DELAY_MS.first
      this.#startLater(`${this.#options.name} ended (${signal ?? code})`)
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    if (this.#process) await stopProcess(this.#process)
    await this.#starting
  }

  #startLater(why: string): void {
    if (this.#stopping) return
    this.#options.logger.error(`${why}; starting it again in ${this.#delayMs} ms`)
    this.#timer = setTimeout(() => {
      this.#starting = this.start().catch((error) => this.#startLater(messageOf(error)))
    }, this.#delayMs)
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_DELAY_MS.longest)
  }
}

const spawnChild = ({ file, args, env }: ChildOptions, lastPort: number | undefined): ChildProcess =>
  fork(file, args(lastPort), {
    env: { ...minimalEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    // Ctrl-C in a terminal goes to the whole group; our children end when we say so, or when we are gone.
    detached: true,
  })

/** The port it listens on. */
function untilReady(child: ChildProcess, { name, logger }: ChildOptions): Promise<number> {
  let lastWords = ''
  for (const input of [child.stdout, child.stderr]) {
    if (!input) continue
    createInterface({ input }).on('line', (line) => {
      if (line.trim() === '') return
      lastWords = `${lastWords}\n${line}`.slice(-LAST_WORDS_LENGTH).trim()
      logger.info({ child: name }, line.trim())
    })
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(unavailable(`${name} was not ready after ${READY_TIMEOUT_MS / 1000} s. ${lastWords}`))
    }, READY_TIMEOUT_MS)
    const settle = () => {
      clearTimeout(timer)
      child.off('close', onEarlyEnd)
      child.off('message', onMessage)
    }
    // "close", not "exit": only then has all it wrote been read.
    const onEarlyEnd = (code: number | null, signal: string | null) => {
      settle()
      reject(failed(`${name} ended (${signal ?? code}) before it was ready. ${lastWords}`))
    }
    const onMessage = (message: unknown) => {
      const ready = Ready.safeParse(message)
      if (!ready.success) return
      settle()
      resolve(ready.data.port)
    }
    child.once('close', onEarlyEnd)
    child.on('message', onMessage)
    child.once('error', (cause) => {
      settle()
      reject(failed(`${name} cannot be started: ${cause.message}`, [], cause))
    })
  })
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** Children get what they need to run and nothing of our settings or secrets. */
function minimalEnvironment(): Record<string, string> {
  const PATH = process.execPath.replace(/\/[^/]+$/, '')
  return { PATH, NODE_ENV: 'production', NODE_COMPILE_CACHE: compileCacheDir }
}
