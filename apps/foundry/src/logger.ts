/** Structured logs to standard error; readable ones when a person is watching. Secrets never reach them. */
import type { FastifyBaseLogger } from 'fastify'
import { type DestinationStream, pino } from 'pino'
import type { FoundryConfig } from './config.ts'

const redact = { paths: ['req.headers.authorization', 'req.headers.cookie', '*.token', '*.secret'], censor: '…' }

export function createLogger({ logLevel }: Pick<FoundryConfig, 'logLevel'>): FastifyBaseLogger {
  if (!process.stderr.isTTY) return pino({ level: logLevel, redact }, openLogStream())
  return pino({
    level: logLevel === 'info' ? 'warn' : logLevel,
    redact,
    transport: {
      target: 'pino-pretty',
      options: { destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' },
    },
  })
}

/**
 * pino's own destination tries for ever to write its last line when the reader of the pipe is gone, and so keeps the
 * process from ending; Node's stream lets the line go.
 */
function openLogStream(): DestinationStream {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return { write: (line) => process.stderr.write(line) }
}
