/** Raw bytes of model files: streamed to disk, never buffered, hence outside the contract's handlers. */

import type { Readable } from 'node:stream'
import { BudError } from '@bud/kernel'
import type { FastifyInstance } from 'fastify'
import type { Services } from '../services.ts'
import { sendError } from './errors.ts'

export function addUploads(server: FastifyInstance, { models }: Services): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.put<{ Params: { id: string; '*': string } }>(
      '/uploads/:id/files/*',
      { bodyLimit: Number.MAX_SAFE_INTEGER },
      async (request, reply) => {
        const { principal } = request
        if (!principal) return sendError(reply, new BudError('unauthenticated', 'Sign in first.'))
        const body = (request.body as Readable | undefined) ?? request.raw
        return models.writeUploadFile(principal, request.params.id, request.params['*'], body)
      },
    )
  })
}
