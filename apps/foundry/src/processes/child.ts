/** A child process that must live as long as we do: started, watched, restarted with back-off, ended with us. */
import { type ChildProcess, fork } from 'node:child_process'
import { failed, unavailable } from '@bud/kernel'
import type { FastifyBaseLogger } from 'fastify'
import { z } from 'zod'

const Ready = z.object({ type: z.literal('ready'), port: z.number().int() })
const READY_TIMEOUT_MS = 20_000
const RESTART_DELAY_MS = { first: 200, longest: 10_000 }
const STOP_TIMEOUT_MS = 15_000

export interface ChildOptions {
  name: string
  /** Absolute path of a TypeScript file. */
  file: string
  /** `port` is the one the child had before, so that its address survives a restart. */
  args: (port: number | undefined) => string[]
  env: Record<string, string>
  logger: FastifyBaseLogger
}

export interface Child {
  readonly port: number
  readonly pid: number | undefined
  stop(): Promise<void>
}

export async function startChild(options: ChildOptions): Promise<Child> {
  let stopping = false
  let delayMs = RESTART_DELAY_MS.first
  let { child: current, port } = await spawnReady(options, undefined)

  const watch = (process: ChildProcess) => {
    process.once('exit', (code, signal) => {
      if (stopping) return
      options.logger.error(`${options.name} ended (${signal ?? code}); starting it again in ${delayMs} ms`)
      setTimeout(restart, delayMs)
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS.longest)
    })
  }
  const restart = async () => {
    if (stopping) return
    try {
      ;({ child: current, port } = await spawnReady(options, port))
      delayMs = RESTART_DELAY_MS.first
      watch(current)
    } catch (error) {
      options.logger.error({ err: error }, `${options.name} does not start; trying again in ${delayMs} ms`)
      setTimeout(restart, delayMs)
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS.longest)
    }
  }
  watch(current)

  return {
    get port() {
      return port
    },
    get pid() {
      return current.pid
    },
    stop: () => {
      stopping = true
      return stopProcess(current)
    },
  }
}

function spawnReady(
  { name, file, args, env, logger }: ChildOptions,
  lastPort: number | undefined,
): Promise<{ child: ChildProcess; port: number }> {
  return new Promise((resolve, reject) => {
    const child = fork(file, args(lastPort), {
      env: { ...minimalEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    })
    let lastWords = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(unavailable(`${name} was not ready after ${READY_TIMEOUT_MS / 1000} s. ${lastWords}`))
    }, READY_TIMEOUT_MS)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        lastWords = text.trim().slice(-2000)
        for (const line of text.split('\n')) if (line.trim()) logger.info({ child: name }, line.trim())
      })
    }
    const onEarlyExit = (code: number | null) => {
      clearTimeout(timer)
      reject(failed(`${name} ended with code ${code} before it was ready. ${lastWords}`))
    }
    child.once('exit', onEarlyExit)
    child.once('error', (cause) => reject(failed(`${name} cannot be started: ${cause.message}`, [], cause)))
    child.on('message', (message) => {
      const ready = Ready.safeParse(message)
      if (!ready.success) return
      clearTimeout(timer)
      child.off('exit', onEarlyExit)
      resolve({ child, port: ready.data.port })
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
  return { PATH: process.execPath.replace(/\/[^/]+$/, ''), NODE_ENV: 'production' }
}
