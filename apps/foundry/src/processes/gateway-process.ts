/** The gateway that `npm start` brings along: a child with its own port and spool. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { type Child, startChild } from './child.ts'

const gatewayFile = join(import.meta.dirname, '../../../gateway/src/main.ts')

export interface GatewayOptions {
  host: string
  port: number
  controlUrl: string
  token: string
  stateDir: string
  allowedOrigins: string[]
  logLevel: string
  logger: FastifyBaseLogger
}

export async function startGateway(options: GatewayOptions): Promise<Child> {
  await mkdir(options.stateDir, { recursive: true, mode: 0o700 })
  return startChild({
    name: 'gateway',
    file: gatewayFile,
    args: (port) => ['--port', String(port ?? options.port)],
    env: {
      BUD_GATEWAY_HOST: options.host,
      BUD_CONTROL_URL: options.controlUrl,
      BUD_GATEWAY_TOKEN: options.token,
      BUD_GATEWAY_STATE_DIR: options.stateDir,
      BUD_GATEWAY_CORS_ORIGINS: options.allowedOrigins.join(','),
      BUD_LOG_LEVEL: options.logLevel,
    },
    logger: options.logger,
  })
}
