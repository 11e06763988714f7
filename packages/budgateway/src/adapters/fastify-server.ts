/** The gateway's HTTP face: who may call, what is asked for, and a raw reply for the exchange to fill. */
import { hash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import * as errors from '../domain/openai-error.ts'
import { parseRequestBody, type RequestBody } from '../domain/request-body.ts'
import type { GatewayKey, RoutedModel, RoutingTable } from '../domain/routing-table.ts'
import type { Logger, TrafficMetrics } from '../ports.ts'
import { Exchange, type ExchangeContext } from './exchange.ts'
import { sendError } from './send-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    gatewayKey: GatewayKey | null
  }
}

export interface ServerOptions {
  context: ExchangeContext
  metrics: TrafficMetrics
  logger: Logger
  corsOrigins: readonly string[]
  bodyLimitBytes: number
  maxInFlight: number
  gatewayToken: string
  isStopping: () => boolean
  /** The body of /health, beside the status. */
  describe: () => Record<string, unknown>
}

/** Time to receive a whole request. */
const REQUEST_TIMEOUT_MS = 60_000
const STREAMABLE = ['/v1/chat/completions', '/v1/completions']
const FORWARDED = [...STREAMABLE, '/v1/embeddings']

export function createServer(options: ServerOptions): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // Requests that arrive on open connections during a stop are still served; their answers close the connection.
    return503OnClosing: false,
    exposeHeadRoutes: false,
  })
  const { table } = options.context
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.decorateRequest('gatewayKey', null)
  server.setErrorHandler((error, request, reply) => refuse(options, request, reply, toOpenAiError(error, options)))
  server.setNotFoundHandler((request, reply) =>
    refuse(options, request, reply, errors.unknownPath(request.method, request.url)),
  )
  server.get('/health', (_request, reply) => {
    const status = options.isStopping() ? 'stopping' : table.snapshot ? 'ok' : 'no-snapshot'
    reply.status(status === 'ok' ? 200 : 503).send({ status, ...options.describe() })
  })
  server.get('/metrics', async (request, reply) => {
    if (!isLocal(request.raw) && !hasToken(request, options.gatewayToken))
      return reply.status(401).send('From another machine this needs "Authorization: Bearer <gateway token>".\n')
    const { contentType, text } = await options.metrics.render()
    return reply.type(contentType).send(text)
  })
  server.register(async (scope) => addOpenAiRoutes(scope, options))
  return server
}

function addOpenAiRoutes(scope: FastifyInstance, options: ServerOptions): void {
  const { table } = options.context
  scope.options('/v1/*', (request, reply) => sendPreflight(options, request, reply))
  scope.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'OPTIONS') return done()
    const refusal = authenticate(table, request)
    if (refusal) refuse(options, request, reply, refusal)
    else done()
  })
  scope.get('/v1/models', (request, reply) => {
    reply.headers(ownHeaders(options, request))
    return { object: 'list', data: table.routeNames(keyOf(request).projectId).map((id) => toModel(id, table)) }
  })
  scope.get<{ Params: { model: string } }>('/v1/models/:model', (request, reply) => {
    const { projectId } = keyOf(request)
    const { model } = request.params
    if (!table.findRoute(projectId, model))
      return refuse(options, request, reply, errors.unknownModel(model, table.routeNames(projectId)))
    return reply.headers(ownHeaders(options, request)).send(toModel(model, table))
  })
  for (const path of FORWARDED) {
    scope.post(path, (request, reply) => forward(options, request, reply, path))
  }
}

function forward(options: ServerOptions, request: FastifyRequest, reply: FastifyReply, path: string): void {
  const decision = decide(options, request, path)
  if (!('route' in decision)) return void refuse(options, request, reply, decision)
  reply.hijack()
  const { headers } = request
  const own = ownHeaders(options, request)
  new Exchange(options.context, { ...decision, key: keyOf(request), path, headers, ownHeaders: own }, reply.raw)
}

type Decision = { route: RoutedModel; body: RequestBody } | errors.OpenAiError

function decide({ context, maxInFlight }: ServerOptions, request: FastifyRequest, path: string): Decision {
  const { table } = context
  const { projectId } = keyOf(request)
  const encoding = request.headers['content-encoding']
  if (encoding && encoding !== 'identity') return errors.encodedBody(encoding)
  if (table.inFlight >= maxInFlight) return errors.tooManyRequests(maxInFlight)
  const available = () => table.routeNames(projectId)
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const parsed = parseRequestBody(bytes, { canStream: STREAMABLE.includes(path), available })
  if (!parsed.ok) return parsed.error
  const route = table.findRoute(projectId, parsed.body.model)
  return route ? { route, body: parsed.body } : errors.unknownModel(parsed.body.model, available())
}

function authenticate(table: RoutingTable, request: FastifyRequest): errors.OpenAiError | undefined {
  if (!table.snapshot) return errors.noSnapshot()
  const token = bearerOf(request)
  if (!token) return errors.missingKey()
  // The map is keyed by the digest, so the time taken says nothing about keys that exist.
  const key = table.findKey(hash('sha256', token, 'hex'))
  if (!key) return errors.unknownKey()
  request.gatewayKey = key
  return undefined
}

function keyOf(request: FastifyRequest): GatewayKey {
  if (!request.gatewayKey) throw new Error(`${request.url} was reached without a key`)
  return request.gatewayKey
}

function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  return header?.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7).trim() : undefined
}

const toModel = (id: string, { snapshot }: RoutingTable) => ({
  id,
  object: 'model',
  created: Math.floor(Date.parse(snapshot?.createdAt ?? '') / 1000) || 0,
  owned_by: 'bud',
})

/** Refusals are written raw: one shape and one code path, whether or not the reply is hijacked later. */
function refuse(options: ServerOptions, request: FastifyRequest, reply: FastifyReply, error: errors.OpenAiError): void {
  options.metrics.finished({ route: '', status: error.status, ttftMs: null })
  reply.hijack()
  const own = ownHeaders(options, request)
  if (error.status === 413) own.connection = 'close'
  sendError(reply.raw, error, own)
}

function toOpenAiError(error: unknown, { bodyLimitBytes, logger }: ServerOptions): errors.OpenAiError {
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return errors.bodyTooLarge(bodyLimitBytes)
  if (statusCode && statusCode < 500) return errors.badRequest(message ?? 'The request cannot be read.')
  logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return errors.internalError()
}

function ownHeaders({ corsOrigins, isStopping }: ServerOptions, { headers }: FastifyRequest): OutgoingHttpHeaders {
  const own: OutgoingHttpHeaders = {}
  if (isStopping()) own.connection = 'close'
  if (corsOrigins.length === 0) return own
  own.vary = 'Origin'
  if (headers.origin && corsOrigins.includes(headers.origin)) {
    own['access-control-allow-origin'] = headers.origin
    own['access-control-expose-headers'] = 'x-request-id'
  }
  return own
}

function sendPreflight(options: ServerOptions, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const own = ownHeaders(options, request)
  if (own['access-control-allow-origin']) {
    own['access-control-allow-methods'] = 'GET, POST'
    own['access-control-allow-headers'] =
      request.headers['access-control-request-headers'] ?? 'authorization, content-type'
    own['access-control-max-age'] = '600'
  }
  return reply.status(204).headers(own).send()
}

/** Asked from this machine itself, not through a proxy on it. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? ''
  const loopback = address === '::1' || address.replace('::ffff:', '').startsWith('127.')
  return loopback && !headers['x-forwarded-for'] && !headers.forwarded
}

function hasToken(request: FastifyRequest, token: string): boolean {
  const sent = hash('sha256', bearerOf(request) ?? '', 'buffer')
  return timingSafeEqual(sent, hash('sha256', token, 'buffer'))
}
