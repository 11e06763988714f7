/** The HTTP server of the control plane: one port for API, dashboard and reference. */
import { BudError, messageOf } from '@bud/kernel'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import type { Services } from '../services.ts'
import { addApi } from './api.ts'
import { addAuthentication, headersOf } from './authentication.ts'
import { addDashboard } from './dashboard.ts'
import { sendError, sendRefusal } from './errors.ts'
import { addGatewayProtocol } from './gateway-protocol.ts'
import { addOpenApi } from './openapi.ts'
import { addUploads } from './uploads.ts'

export interface ServerOptions {
  logger: FastifyBaseLogger
  version: string
  gatewayToken: string
  gatewayOrigin: () => string
  /** Where browsers send parts of uploads straight to; undefined: to this server. */
  storeOrigin?: string | undefined
  /** False until everything is up: /health says so. */
  isReady: () => boolean
}

export async function createServer(services: Services, options: ServerOptions): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
  })
  server.setErrorHandler((error, request, reply) => sendThrown(reply, error, request.url, server.log))
  addSecurityHeaders(server, () => [options.gatewayOrigin(), options.storeOrigin].join(' ').trim())
  addAuthentication(server, services.access)
  server.get('/health', async (_request, reply) => {
    const ready = options.isReady()
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ok' : 'starting', version: options.version })
  })
  addAuthRoutes(server, services)
  await addDashboard(server)
  await addOpenApi(server, options.version)
  addGatewayProtocol(server, services, options.gatewayToken)
  addUploads(server, services)
  addApi(server, services)
  return server
}

/** The dashboard talks to this server and to the gateway, and loads nothing from anywhere else. */
function addSecurityHeaders(server: FastifyInstance, otherOrigins: () => string): void {
  server.addHook('onSend', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'same-origin')
    reply.header('x-frame-options', 'DENY')
    if (!request.url.startsWith('/ui')) return
    reply.header(
      'content-security-policy',
      `default-src 'self'; connect-src 'self' ${otherOrigins()}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`,
    )
  })
}

/** better-auth in a scope of its own: it wants the body as it came. */
function addAuthRoutes(server: FastifyInstance, { access }: Services): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 64 * 2 ** 10 }, (_request, body, done) =>
      done(null, body),
    )
    scope.all('/api/auth/*', async (request, reply) => {
      const url = new URL(request.url, `http://${request.headers.host ?? 'localhost'}`)
      const body = typeof request.body === 'string' && request.body !== '' ? request.body : null
      const answer = await access.handle(
        new Request(url, { method: request.method, headers: headersOf(request), body }),
      )
      reply.status(answer.status)
      answer.headers.forEach((value, name) => {
        if (name !== 'set-cookie') reply.header(name, value)
      })
      for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', cookie)
      return reply.send(answer.body ? await answer.text() : undefined)
    })
  })
}

function sendThrown(reply: FastifyReply, error: unknown, url: string, log: FastifyBaseLogger): FastifyReply {
  if (error instanceof BudError) return sendError(reply, error)
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) return sendRefusal(reply, status, messageOf(error))
  log.error({ err: error, url }, 'request failed')
  return sendError(
    reply,
    new BudError('internal', 'Something went wrong inside; the server log has the details.', { cause: error }),
  )
}
