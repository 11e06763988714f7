/** The gateway as a process: settings in, signals and the parent’s channel obeyed, exit codes out. */
import { createGateway, type Logger } from '@bud/budgateway'
import { BudError, messageOf } from '@bud/kernel'
import pino from 'pino'
import { type GatewayConfig, parseConfig, usage } from './config.ts'

/** Wrong settings 2, port taken 3, anything else 1. */
const exitCodes: Partial<Record<BudError['code'], number>> = { 'invalid-input': 2, conflict: 3 }

/** For what comes after the last request: delivering usage, closing connections. */
const STOP_MARGIN_MS = 6_000

/** Resolves when it serves; the process ends on a signal, or with its parent. */
export const runGateway = (): Promise<void> => serve(readConfig()).catch(fail)

function fail(error: unknown): never {
  console.error(error instanceof BudError ? error.message : error)
  process.exit(error instanceof BudError ? (exitCodes[error.code] ?? 1) : 1)
}

function readConfig(): GatewayConfig {
  try {
    const config = parseConfig(process.argv.slice(2))
    if (config) return config
  } catch (error) {
    fail(error)
  }
  console.log(usage)
  process.exit(0)
}

/**
 * pino's own destination tries for ever to write its last line when the reader of the pipe is gone, and so keeps a
 * process whose parent died from ending; Node's stream lets the line go.
 */
function openLogStream(): pino.DestinationStream {
  process.stdout.on('error', () => undefined)
  return { write: (line) => process.stdout.write(line) }
}

function toLogger(log: pino.Logger): Logger {
  return {
    info: (message) => log.info(message),
    warn: (message) => log.warn(message),
    error: (message) => log.error(message),
  }
}

async function serve({ settings, logLevel }: GatewayConfig): Promise<void> {
  const logger = toLogger(pino({ level: logLevel, base: { part: 'gateway' } }, openLogStream()))
  const gateway = createGateway(settings, { logger })
  const stop = (why: string) => {
    logger.info(`Stopping: ${why}.`)
    setTimeout(() => {
      logger.error('The stop took too long; ending now. Usage that was not delivered lies in the spool.')
      process.exit(1)
    }, settings.stopTimeoutMs + STOP_MARGIN_MS)
    gateway.stop().then(
      () => process.exit(0),
      (error) => {
        logger.error(`The stop failed: ${messageOf(error)}`)
        process.exit(1)
      },
    )
  }
  process.once('SIGTERM', () => stop('SIGTERM'))
  process.once('SIGINT', () => stop('SIGINT'))
  process.once('disconnect', () => stop('the control plane ended'))
  const { port } = await gateway.start()
  logger.info(`OpenAI traffic on http://${settings.host}:${port}/v1`)
  process.send?.({ type: 'ready', port })
}
