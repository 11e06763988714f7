/** Structured logs to standard error; readable ones when a person is watching. Secrets never reach them. */
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import type { FoundryConfig } from './config.ts'

const redact = { paths: ['req.headers.authorization', 'req.headers.cookie', '*.token', '*.secret'], censor: '…' }

export function createLogger({ logLevel }: Pick<FoundryConfig, 'logLevel'>): FastifyBaseLogger {
  if (!process.stderr.isTTY) return pino({ level: logLevel, redact }, pino.destination(2))
  return pino({
    level: logLevel === 'info' ? 'warn' : logLevel,
    redact,
    transport: {
      target: 'pino-pretty',
      options: { destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' },
    },
  })
}
