/**
 * One client request on its way: chooses a replica, tries another while nothing was sent to the client, passes the
 * answer through under back-pressure, and writes one usage record when it is over, whichever way.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Clock, UsageRecord } from '@bud/kernel'
import type { Dispatcher } from 'undici'
import { chooseUpstream } from '../domain/choose-upstream.ts'
import { acceptRequestId, toClientHeaders, toReplicaHeaders } from '../domain/headers.ts'
import * as errors from '../domain/openai-error.ts'
import type { RequestBody } from '../domain/request-body.ts'
import type { GatewayKey, Replica, RoutedModel, RoutingTable } from '../domain/routing-table.ts'
import { type AnswerTap, createBlindTap, createEventTap, createJsonTap } from '../domain/usage-tap.ts'
import type { TrafficMetrics, UpstreamErrorKind, UsageSpool } from '../ports.ts'
import { Attempt, type AttemptListener } from './attempt.ts'
import { sendError } from './send-error.ts'

export interface ExchangeContext {
  table: RoutingTable
  spool: UsageSpool
  metrics: TrafficMetrics
  dispatcher: Dispatcher
  clock: Clock
  random: () => number
  /** Of a usage record. */
  newId: (nowMs: number) => string
  timeouts: { responseTimeoutMs: number; idleTimeoutMs: number; clientStallTimeoutMs: number }
}

export interface ExchangeRequest {
  key: GatewayKey
  route: RoutedModel
  path: string
  headers: IncomingHttpHeaders
  body: RequestBody
  /** Headers of ours that every answer carries. */
  ownHeaders: OutgoingHttpHeaders
}

const MAX_ATTEMPTS = 4
/** The status that is recorded when the client left first. */
const CLIENT_CLOSED = 499

export class Exchange implements AttemptListener {
  readonly #context: ExchangeContext
  readonly #request: ExchangeRequest
  readonly #reply: ServerResponse
  readonly #id: string
  readonly #startedMs = performance.now()
  readonly #tried: string[] = []
  #attempts = 0
  #resets = 0
  #attempt: Attempt | undefined
  #head: { status: number; headers: IncomingHttpHeaders } | undefined
  #tap: AnswerTap = createBlindTap()
  #isEventStream = false
  #ttftMs: number | null = null
  #finished = false
  #stallTimer: NodeJS.Timeout | undefined

  constructor(context: ExchangeContext, request: ExchangeRequest, reply: ServerResponse) {
    this.#context = context
    this.#request = request
    this.#reply = reply
    this.#id = context.newId(context.clock.nowMs())
    request.ownHeaders['x-request-id'] = acceptRequestId(request.headers['x-request-id']) ?? this.#id
    reply.once('close', () => this.#onClientGone())
    this.#tryNext(undefined)
  }

  onStart(status: number, headers: IncomingHttpHeaders): boolean {
    if ((status === 502 || status === 503) && this.#choose([...this.#tried, this.#currentId()])) return false
    const type = headers['content-type'] ?? ''
    this.#head = { status, headers }
    this.#isEventStream = type.startsWith('text/event-stream')
    if (status !== 200) this.#tap = createBlindTap()
    else if (this.#isEventStream) this.#tap = createEventTap({ stripUsage: !this.#request.body.wantsUsage })
    else this.#tap = type.startsWith('application/json') ? createJsonTap() : createBlindTap()
    return true
  }

  onData(chunk: Buffer): void {
    const ready = this.#tap.push(chunk)
    if (ready) this.#write(ready)
  }

  onEnd(): void {
    const rest = this.#tap.end()
    if (rest) this.#write(rest)
    this.#sendHead()
    this.#finish(this.#head?.status ?? 200, () => this.#reply.end())
  }

  onFailure(kind: UpstreamErrorKind, reason: string): void {
    this.#context.metrics.upstreamError(kind)
    if (this.#reply.headersSent) {
      this.#breakOff(kind === 'timeout' ? this.#timeoutError() : errors.upstreamBroke(this.#request.route.name, reason))
    } else if (kind === 'timeout') {
      this.#refuse(this.#timeoutError())
    } else {
      // The first reset may be an idle connection that the replica closed as we used it: it may be tried again.
      if (kind !== 'reset' || this.#resets++ > 0) this.#tried.push(this.#currentId())
      this.#tryNext(reason)
    }
  }

  #tryNext(lastReason: string | undefined): void {
    this.#head = undefined
    this.#tap = createBlindTap()
    const replica = this.#choose(this.#tried)
    const { name } = this.#request.route
    if (replica) this.#send(replica)
    else if (lastReason === undefined) this.#refuse(errors.noReplicas(name))
    else this.#refuse(errors.upstreamUnreachable(name, lastReason))
  }

  #send(replica: Replica): void {
    this.#attempts++
    const { table, clock, dispatcher, timeouts } = this.#context
    const { path, headers, body, ownHeaders } = this.#request
    this.#attempt = new Attempt(replica, table, this, () => clock.nowMs())
    this.#attempt.send(dispatcher, {
      origin: replica.origin,
      path: replica.pathPrefix + path,
      method: 'POST',
      headers: toReplicaHeaders(headers, String(ownHeaders['x-request-id'])),
      body: body.toUpstream(replica.servedName),
      headersTimeout: timeouts.responseTimeoutMs,
      bodyTimeout: timeouts.idleTimeoutMs,
    })
  }

  /** From the routes in force now, which may differ from those at the first try. */
  #choose(tried: readonly string[]): Replica | undefined {
    if (this.#attempts >= MAX_ATTEMPTS) return undefined
    const { table, clock, random } = this.#context
    const { projectId, name } = this.#request.route
    const backends = table.findRoute(projectId, name)?.backends ?? []
    return chooseUpstream(backends, { tried, nowMs: clock.nowMs(), random })
  }

  #currentId(): string {
    return this.#attempt?.replica.id ?? ''
  }

  #write(bytes: Buffer): void {
    this.#ttftMs ??= performance.now() - this.#startedMs
    this.#sendHead()
    if (this.#reply.write(bytes) || this.#stallTimer) return
    this.#attempt?.pause()
    this.#stallTimer = setTimeout(() => this.#reply.destroy(), this.#context.timeouts.clientStallTimeoutMs)
    this.#reply.once('drain', () => {
      clearTimeout(this.#stallTimer)
      this.#stallTimer = undefined
      this.#attempt?.resume()
    })
  }

  /** With the first bytes only: until then another replica, or an honest status, is still possible. */
  #sendHead(): void {
    if (this.#reply.headersSent || !this.#head) return
    const { status, headers } = this.#head
    const own = this.#isEventStream
      ? { ...this.#request.ownHeaders, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' }
      : this.#request.ownHeaders
    this.#reply.writeHead(status, toClientHeaders(headers, own, { keepLength: !this.#isEventStream }))
  }

  #refuse(error: errors.OpenAiError): void {
    this.#finish(error.status, () => sendError(this.#reply, error, this.#request.ownHeaders))
  }

  /** What was sent cannot be taken back: a stream ends with an error event, anything else with a broken connection. */
  #breakOff(error: errors.OpenAiError): void {
    const end = () => (this.#isEventStream ? this.#reply.end(errors.errorEvent(error)) : this.#reply.destroy())
    this.#finish(error.status, end)
  }

  #timeoutError(): errors.OpenAiError {
    const { responseTimeoutMs, idleTimeoutMs } = this.#context.timeouts
    return errors.upstreamTimeout(this.#request.route.name, this.#head ? idleTimeoutMs : responseTimeoutMs)
  }

  #onClientGone(): void {
    clearTimeout(this.#stallTimer)
    if (this.#finished) return
    this.#attempt?.cancel()
    this.#finish(CLIENT_CLOSED, () => undefined)
  }

  /** The record is stored before the client sees the end: a finished request is never unaccounted for. */
  #finish(status: number, end: () => void): void {
    if (this.#finished) return
    this.#finished = true
    const { metrics, spool } = this.#context
    const ttftMs = this.#isEventStream ? this.#ttftMs : null
    metrics.finished({ route: this.#request.route.name, status, ttftMs })
    const record = this.#attempt && this.#usageRecord(this.#attempt.replica, status, ttftMs)
    if (record) spool.append(record, end)
    else end()
  }

  #usageRecord(replica: Replica, status: number, ttftMs: number | null): UsageRecord {
    const { key, route } = this.#request
    return {
      id: this.#id,
      at: new Date(this.#context.clock.nowMs()).toISOString(),
      project_id: key.projectId,
      key_id: key.id,
      route_id: route.id,
      endpoint_id: replica.endpointId,
      upstream_id: replica.id,
      status,
      streamed: this.#isEventStream,
      prompt_tokens: this.#tap.tokens?.prompt_tokens ?? null,
      completion_tokens: this.#tap.tokens?.completion_tokens ?? null,
      ttft_ms: ttftMs === null ? null : round(ttftMs),
      duration_ms: round(performance.now() - this.#startedMs),
    }
  }
}

const round = (ms: number) => Math.round(ms * 1000) / 1000
