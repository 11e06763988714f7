/** One try of a request on one replica: undici's callbacks as four outcomes, the load counted exactly once. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Replica, RoutingTable } from '../domain/routing-table.ts'
import { noteFailure, noteSuccess } from '../domain/upstream-load.ts'
import type { UpstreamErrorKind } from '../ports.ts'

export interface AttemptListener {
  /** false: this answer is not wanted, the request goes elsewhere. */
  onStart(status: number, headers: IncomingHttpHeaders): boolean
  onData(chunk: Buffer): void
  onEnd(): void
  onFailure(kind: UpstreamErrorKind, reason: string): void
}

const CONNECT_ERRORS = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])
const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
const isOutOfService = (status: number) => status === 502 || status === 503

export class Attempt implements Dispatcher.DispatchHandler {
  readonly replica: Replica
  readonly #table: RoutingTable
  readonly #listener: AttemptListener
  readonly #nowMs: () => number
  readonly #startedMs: number
  #controller: Dispatcher.DispatchController | undefined
  #settled = false

  constructor(replica: Replica, table: RoutingTable, listener: AttemptListener, nowMs: () => number) {
    this.replica = replica
    this.#table = table
    this.#listener = listener
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
    table.begin(replica, this.#startedMs)
  }

  send(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions): void {
    try {
      dispatcher.dispatch(options, this)
    } catch (error) {
      this.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Ends it at once, towards the replica too; the listener hears nothing more. */
  cancel(): void {
    if (this.#settle()) this.#controller?.abort(new Error('no longer wanted'))
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    if (!this.#settled) this.#controller?.resume()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) controller.abort(new Error('no longer wanted'))
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#settled || status < 200) return
    if (isOutOfService(status)) noteFailure(this.replica.load, this.#startedMs, this.#nowMs())
    else noteSuccess(this.replica.load)
    if (!this.#listener.onStart(status, headers)) {
      this.cancel()
      this.#listener.onFailure('status', `it answered ${status}`)
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#settled) this.#listener.onData(chunk)
  }

  onResponseEnd(): void {
    if (this.#settle()) this.#listener.onEnd()
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    if (!this.#settle()) return
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const kind = CONNECT_ERRORS.has(code) ? 'connect' : TIMEOUTS.has(code) ? 'timeout' : 'reset'
    noteFailure(this.replica.load, this.#startedMs, this.#nowMs())
    this.#listener.onFailure(kind, code || error.message)
  }

  #settle(): boolean {
    if (this.#settled) return false
    this.#settled = true
    this.#table.end(this.replica)
    return true
  }
}
