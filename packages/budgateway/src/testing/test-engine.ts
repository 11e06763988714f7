/** A small real HTTP server in the place of an engine: answers as one does, or however a test says. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EngineRequest {
  path: string
  headers: IncomingMessage['headers']
  text: string
  body: { model?: string; stream?: boolean; stream_options?: unknown; [key: string]: unknown }
}

export type EngineHandler = (request: EngineRequest, response: ServerResponse) => void | Promise<void>

export interface TestEngine {
  url: string
  requests: EngineRequest[]
  /** Replaces how it answers. */
  answerWith(handler: EngineHandler): void
  /** Resolves when `count` requests have arrived. */
  arrived(count: number): Promise<void>
  /** Resolves when as many requests as `count` were cut off by their caller. */
  aborted(count: number): Promise<void>
  close(): Promise<void>
}

export const usage = { prompt_tokens: 7, total_tokens: 10, completion_tokens: 3 }

export async function startTestEngine(handler: EngineHandler = answer): Promise<TestEngine> {
  const requests: EngineRequest[] = []
  let current = handler
  let aborts = 0
  const server = createServer(async (raw, response) => {
    let text = ''
    for await (const chunk of raw.setEncoding('utf8')) text += chunk
    const request = { path: raw.url ?? '', headers: raw.headers, text, body: parse(text) }
    requests.push(request)
    server.emit('request-read')
    response.once('close', () => {
      if (response.writableFinished) return
      aborts++
      server.emit('aborted-request')
    })
    await current(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answerWith: (next) => {
      current = next
    },
    arrived: async (count) => {
      while (requests.length < count) await once(server, 'request-read')
    },
    aborted: async (count) => {
      while (aborts < count) await once(server, 'aborted-request')
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** Answers every path as an engine does: streamed when asked, with usage when asked. */
export const answer: EngineHandler = (request, response) => {
  if (request.body.stream) streamAnswer(request, response)
  else if (request.path.endsWith('/embeddings'))
    sendJson(response, { object: 'list', data: [], usage: { prompt_tokens: 7, total_tokens: 7 } })
  else sendJson(response, completion(request))
}

export const completion = (request: EngineRequest) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: request.body.model,
  choices: [{ index: 0, message: { role: 'assistant', content: 'one two three' }, finish_reason: 'stop' }],
  usage,
})

export const sendJson = (response: ServerResponse, body: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export const event = (body: unknown): string => `data: ${typeof body === 'string' ? body : JSON.stringify(body)}\n\n`

export const contentChunk = (content: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'served',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
})

export const usageChunk = () => ({ ...contentChunk(''), choices: [], usage })

export const beginStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
}

export const endStream = (request: EngineRequest, response: ServerResponse): void => {
  const options = request.body.stream_options as { include_usage?: boolean } | undefined
  if (options?.include_usage) response.write(event(usageChunk()))
  response.end(event('[DONE]'))
}

function streamAnswer(request: EngineRequest, response: ServerResponse): void {
  beginStream(response)
  for (const word of ['one', ' two', ' three']) response.write(event(contentChunk(word)))
  endStream(request, response)
}

function parse(text: string): EngineRequest['body'] {
  try {
    return JSON.parse(text) as EngineRequest['body']
  } catch {
    return {}
  }
}
