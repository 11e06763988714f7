import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { errorBody, type OpenAiError } from '../domain/openai-error.ts'

/** Answers with an error in OpenAI's shape; nothing when the client is gone or an answer has begun. */
export function sendError(reply: ServerResponse, error: OpenAiError, ownHeaders: OutgoingHttpHeaders): void {
  if (reply.headersSent || reply.destroyed) return
  const body = Buffer.from(errorBody(error))
  reply.writeHead(error.status, {
    ...ownHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  })
  reply.end(body)
}
