/** `/replicas/{id}/…`: the engine's own HTTP interface, or its absence. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EngineName } from '@bud/kernel'
import type { Replica } from '../cluster/replica.ts'
import { hashText } from '../domain/random.ts'
import { splitTokens } from '../domain/tokenizer.ts'
import { engineFactsOf } from '../engine/runtime.ts'
import { isObject } from '../openai/coerce.ts'
import type { AnswerHead, Dialect, FinishedChoice, Route, Served } from '../openai/dialect.ts'
import { generate } from '../openai/generate.ts'
import { type GenerationRequest, parseRequest, type RequestKind } from '../openai/parse-request.ts'
import type { Answer, Problem } from '../openai/problems.ts'
import { sglangDialect } from '../openai/sglang.ts'
import { tensorrtLlmDialect } from '../openai/tensorrt-llm.ts'
import { vllmDialect } from '../openai/vllm.ts'
import { parseJson } from './json.ts'
import { readBody, sendJson, sendText } from './messages.ts'

const dialects: Record<EngineName, Dialect> = {
  vllm: vllmDialect,
  sglang: sglangDialect,
  'tensorrt-llm': tensorrtLlmDialect,
}

/** SGLang's and TensorRT-LLM's own limit for a generating health check. */
const HEALTH_CHECK_MS = 20_000

/** One exchange with one engine, from the request line to the last byte. */
interface Exchange {
  replica: Replica
  dialect: Dialect
  served: Served
  request: IncomingMessage
  response: ServerResponse
  requestBytes: number
  /** Sends and counts an answer. */
  reply(answer: Answer): void
  refuse(problem: Problem): void
}

/**
 * Answers as the replica's engine would. One listener serves all replicas, so a refused connection cannot be had:
 * where a real engine does not listen yet, or no longer, the connection is closed without an answer.
 */
export async function handleReplica(
  replica: Replica | undefined,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (replica === undefined || replica.listening === 'no') {
    request.socket.destroy()
    return
  }
  if (replica.listening === 'unavailable') {
    sendJson(response, 503, undefined)
    return
  }
  const dialect = dialects[replica.model.deployment.runtime]
  const routes = dialect.routes.get(path)
  const exchange = beginExchange(replica, dialect, request, response, routes === undefined ? 'none' : path)
  const untrack = replica.track({ destroy: () => request.socket.destroy() })
  response.once('close', untrack)
  const route = routes?.find(({ method }) => method === request.method)
  if (routes === undefined) exchange.refuse({ kind: 'no-route' })
  else if (route === undefined)
    exchange.refuse({ kind: 'wrong-method', allow: routes.map(({ method }) => method).join(', ') })
  else await act(route, exchange)
}

function beginExchange(
  replica: Replica,
  dialect: Dialect,
  request: IncomingMessage,
  response: ServerResponse,
  route: string,
): Exchange {
  const startedMs = performance.now()
  const runtime = replica.runtime()
  let responseBytes = 0
  const exchange: Exchange = {
    replica,
    dialect,
    served: {
      model: replica.model.servedModelName,
      version: engineFactsOf(replica.model).version,
      maxModelLen: runtime.maxModelLen,
      startedAtS: replica.sinceMs / 1000,
    },
    request,
    response,
    requestBytes: 0,
    reply({ status, headers, body }) {
      responseBytes = sendJson(response, status, body, { ...dialect.headers, ...headers })
    },
    refuse: (problem) => exchange.reply(dialect.problem(problem)),
  }
  response.once('finish', () => {
    const handler = response.statusCode === 405 ? 'none' : route
    const durationS = (performance.now() - startedMs) / 1000
    const { statusCode: status } = response
    const method = request.method ?? 'GET'
    runtime.recorder.exchanged({
      handler,
      method,
      status,
      durationS,
      requestBytes: exchange.requestBytes,
      responseBytes,
    })
    if (method === 'POST')
      replica.log.add(`INFO:     127.0.0.1:${request.socket.remotePort ?? 0} - "POST ${route} HTTP/1.1" ${status}`)
  })
  return exchange
}

async function act(route: Route, exchange: Exchange): Promise<void> {
  const { replica, dialect, served, response } = exchange
  switch (route.action) {
    case 'fixed':
      exchange.reply(route.fixed?.(served) ?? { status: 200 })
      return
    case 'metrics': {
      const { recorder, gauges } = replica.runtime()
      sendText(response, recorder.render(gauges()), dialect.metricsContentType, dialect.headers)
      return
    }
    case 'generate-check':
      checkGeneration(exchange)
      return
    case 'tokenize':
      return withBody(exchange, (body) => tokenize(exchange, body))
    case 'chat':
      return withBody(exchange, (body) => complete('chat', exchange, body))
    case 'completion':
      return withBody(exchange, (body) => complete('completion', exchange, body))
  }
}

async function withBody(exchange: Exchange, use: (body: unknown) => void): Promise<void> {
  const text = await readBody(exchange.request)
  exchange.requestBytes = Buffer.byteLength(text)
  const isJson = /^application\/json\b/.test(exchange.request.headers['content-type'] ?? '')
  const parsed = parseJson(text)
  if (!isJson) exchange.refuse({ kind: 'media-type' })
  else if ('error' in parsed) exchange.refuse({ kind: 'schema', errors: [parsed.error] })
  else use(parsed.value)
}

function complete(kind: RequestKind, exchange: Exchange, body: unknown): void {
  const prepared = prepare(kind, exchange, body)
  if ('problem' in prepared) exchange.refuse(prepared.problem)
  else if (prepared.head.request.stream) answerInStream(exchange, prepared)
  else answerAtOnce(exchange, prepared)
}

/** A request that the engine accepts, with the room for the answer to each prompt. */
interface Prepared {
  head: AnswerHead
  maxTokens: readonly number[]
}

function prepare(kind: RequestKind, exchange: Exchange, body: unknown): Prepared | { problem: Problem } {
  const { replica, dialect, served } = exchange
  if (Math.random() < replica.faults.errorRate)
    return {
      problem: {
        kind: 'engine-failure',
        message: 'EngineCore encountered an issue. See stack trace (above) for the root cause.',
      },
    }
  const parsed = parseRequest(kind, body)
  if ('problem' in parsed) return parsed
  const { request } = parsed
  const { model = served.model } = request
  if (model !== served.model) return { problem: { kind: 'unknown-model', model, served: served.model } }
  const problem = dialect.check(request, served)
  if (problem !== null) return { problem }
  const maxTokens: number[] = []
  for (const { prompt } of request.prompts) {
    const room = dialect.room(prompt, request, served)
    if ('problem' in room) return room
    maxTokens.push(room.maxTokens)
  }
  const head = { id: dialect.newId(kind), createdS: Math.floor(Date.now() / 1000), request, served }
  return { head, maxTokens }
}

function answerAtOnce(exchange: Exchange, { head, maxTokens }: Prepared): void {
  const choices = openChoices(head.request)
  const submission = generate(exchange.replica.runtime().engine, head.request, maxTokens, {
    token({ index, text, end }) {
      const choice = choices[index]
      if (choice === undefined) return
      choice.text += text
      if (end !== null) choice.end = end
    },
    done: (usage) => exchange.reply({ status: 200, body: exchange.dialect.answer(head, choices, usage) }),
  })
  exchange.response.once('close', () => submission.abort())
}

function answerInStream(exchange: Exchange, { head, maxTokens }: Prepared): void {
  const { dialect, response, replica } = exchange
  const frames = dialect.stream(head)
  const echoes = openChoices(head.request).map(({ text }) => text)
  response.writeHead(200, { ...dialect.headers, 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
  const submission = generate(replica.runtime().engine, head.request, maxTokens, {
    token(at) {
      const echo = at.tokens === 1 ? (echoes[at.index] ?? '') : ''
      const frame = frames.token(echo === '' ? at : { ...at, text: echo + at.text })
      if (frame !== '') response.write(frame)
    },
    done: (usage) => response.end(frames.close(usage)),
  })
  response.once('close', () => submission.abort())
}

/** One per choice, with the prompt as its beginning where it is to be echoed. */
function openChoices({ prompts, n, echo }: GenerationRequest): FinishedChoice[] {
  return prompts.flatMap(({ topic }, p) =>
    Array.from({ length: n }, (_, i) => ({
      index: p * n + i,
      text: echo ? topic : '',
      end: { reason: 'length' as const, stopString: null },
    })),
  )
}

const CHECK_REQUEST = parseRequest('completion', { prompt: 'a', max_tokens: 1 })

function checkGeneration(exchange: Exchange): void {
  const { response, replica } = exchange
  if ('problem' in CHECK_REQUEST) throw new Error('The health check is no request.')
  const submission = generate(replica.runtime().engine, CHECK_REQUEST.request, [1], {
    token: () => {},
    done() {
      clearTimeout(timer)
      exchange.reply({ status: 200 })
    },
  })
  const timer = setTimeout(() => {
    submission.abort()
    exchange.reply({ status: 503 })
  }, HEALTH_CHECK_MS)
  response.once('close', () => {
    clearTimeout(timer)
    submission.abort()
  })
}

function tokenize(exchange: Exchange, body: unknown): void {
  const { served, replica } = exchange
  const prompt = isObject(body) ? body.prompt : undefined
  const chat = typeof prompt === 'string' ? undefined : parseRequest('chat', body)
  if (chat !== undefined && 'problem' in chat) exchange.refuse(chat.problem)
  else {
    const vocabulary = replica.model.facts.vocab_size
    const text = typeof prompt === 'string' ? prompt : (chat?.request.prompts[0]?.prompt.text ?? '')
    const tokens = splitTokens(text).map((token) => hashText(token) % vocabulary)
    const count = tokens.length
    exchange.reply({ status: 200, body: { count, max_model_len: served.maxModelLen, tokens, token_strs: null } })
  }
}
