/** Raw bytes of model files: streamed to disk, never buffered, hence outside the contract's handlers. */

import type { Readable } from 'node:stream'
import type { Principal } from '@bud/access'
import { BudError } from '@bud/kernel'
import type { FastifyInstance } from 'fastify'
import type { Services } from '../services.ts'
import { sendError, sendRefusal } from './errors.ts'

interface Place {
  id: string
  '*': string
  /** Of a part. */
  number?: string
}

export function addUploads(server: FastifyInstance, { models: { uploads } }: Services): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    const put = (path: string, take: (principal: Principal, place: Place, content: Readable) => Promise<unknown>) =>
      scope.put<{ Params: Place }>(path, { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
        const { principal } = request
        if (!principal) return sendError(reply, new BudError('unauthenticated', 'Sign in first.'))
        // The parser handed the body on as the stream it is; without one there is none.
        const content = (request.body as Readable | undefined) ?? request.raw
        try {
          return await take(principal, request.params, content)
        } catch (error) {
          if (!request.raw.errored) throw error
          request.log.info({ path: request.params['*'] }, 'A sender broke off in the middle of a file; it may go on.')
          return sendRefusal(reply, 400, 'The body broke off.')
        }
      })
    put('/uploads/:id/files/*', (principal, { id, '*': path }, content) =>
      uploads.writeFile(principal, { id, path }, content),
    )
    put('/uploads/:id/parts/:number/*', async (principal, { id, number, '*': path }, content) => {
      await uploads.writePart(principal, { id, path, number: Number(number) }, content)
      return {}
    })
  })
}
