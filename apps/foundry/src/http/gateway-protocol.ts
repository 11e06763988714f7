/** What gateways ask of the control plane: the snapshot, by long poll, and a place to hand in usage. */
import { timingSafeEqual } from 'node:crypto'
import { BudError, GatewayReport, invalidInput, UsageRecord } from '@bud/kernel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Services } from '../services.ts'
import { sendError } from './errors.ts'

const SyncRequest = z.object({ report: GatewayReport, wait_ms: z.number().int().min(0).max(30_000) })
const UsageRequest = z.object({ records: z.array(UsageRecord).max(5000) })

export function addGatewayProtocol(server: FastifyInstance, { traffic }: Services, gatewayToken: string): void {
  server.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (!hasToken(request, gatewayToken))
        return sendError(reply, new BudError('unauthenticated', 'This needs the gateway token.'))
    })
    scope.post('/internal/gateway/sync', async (request, reply) => {
      const { report, wait_ms } = parseBody(SyncRequest, request.body)
      const gone = new AbortController()
      reply.raw.on('close', () => gone.abort())
      const snapshot = await traffic.sync(report, { waitMs: wait_ms, signal: gone.signal })
      return snapshot ?? reply.status(204).send()
    })
    scope.post('/internal/gateway/usage', { bodyLimit: 8 * 2 ** 20 }, async (request) => {
      const { records } = parseBody(UsageRequest, request.body)
      await traffic.ingestUsage(records)
      return { accepted: records.length }
    })
  })
}

function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw invalidInput(z.prettifyError(parsed.error))
  return parsed.data
}

function hasToken(request: FastifyRequest, token: string): boolean {
  const sent = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return sent.length === wanted.length && timingSafeEqual(sent, wanted)
}
