/** One connection to clamd, for one command: sends with backpressure, hears an answer at any time, never waits forever. */
import { connect, type Socket } from 'node:net'
import { messageOf } from '@bud/kernel'
import { type ClamdAddress, describeClamdAddress } from './clamd-address.ts'
import { readable } from './clamd-reply.ts'

const MAX_REPLY_BYTES = 4096
const MAX_CONNECT_MS = 10_000

export interface ConnectionOptions {
  address: ClamdAddress
  /** For each thing that is waited for: clamd to take bytes or to answer, the caller to send more. */
  timeoutMs: number
  /** Ends the connection. */
  signal: AbortSignal
}

/** Rejects when nobody takes the connection. */
export function openClamd({ address, timeoutMs, signal }: ConnectionOptions): Promise<ClamdConnection> {
  const place = describeClamdAddress(address)
  const { promise, resolve, reject } = Promise.withResolvers<ClamdConnection>()
  const socket = connect(address)
  const limitMs = Math.min(timeoutMs, MAX_CONNECT_MS)
  const timer = setTimeout(() => socket.destroy(new Error(`no connection in ${limitMs / 1000} s`)), limitMs)
  const onAbort = () => socket.destroy(new Error('given up'))
  const onError = (error: unknown) => reject(new Error(`clamd cannot be reached at ${place} (${messageOf(error)})`))
  signal.addEventListener('abort', onAbort, { once: true })
  socket.once('error', onError)
  socket.once('close', () => signal.removeEventListener('abort', onAbort))
  socket.once('connect', () => {
    clearTimeout(timer)
    socket.off('error', onError)
    resolve(new ClamdConnection(socket, place, timeoutMs))
  })
  socket.once('close', () => clearTimeout(timer))
  if (signal.aborted) onAbort()
  return promise
}

export class ClamdConnection {
  /** What clamd says up to its NUL. Rejects, saying why, when the connection ends or something takes too long first. */
  readonly reply: Promise<string>
  readonly #socket: Socket
  readonly #place: string
  readonly #settle: PromiseWithResolvers<string>
  readonly #timer: NodeJS.Timeout
  #waitsFor = 'was sent nothing'
  #heard = ''
  #over = false

  constructor(socket: Socket, place: string, timeoutMs: number) {
    this.#socket = socket
    this.#place = place
    this.#settle = Promise.withResolvers<string>()
    this.reply = this.#settle.promise
    this.reply.catch(() => {})
    this.#timer = setTimeout(() => this.#fail(`${this.#waitsFor} for ${timeoutMs / 1000} s`), timeoutMs)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#hear(text))
    socket.on('error', (error) => this.#fail(`cut the connection (${messageOf(error)})`))
    socket.once('close', () => this.#fail(`cut the connection${this.#lastWords()}`))
  }

  /**
   * Resolves when the bytes have left this process, so that they may be overwritten; false when clamd had answered or
   * gone before (`reply` tells which) and they were not sent.
   */
  async send(...parts: readonly Uint8Array[]): Promise<boolean> {
    if (this.#over) return false
    this.#wait('took no bytes')
    // A socket that is destroyed calls back too.
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.cork()
    parts.forEach((part, i) => {
      this.#socket.write(part, i === parts.length - 1 ? () => resolve() : undefined)
    })
    this.#socket.uncork()
    await promise
    this.#wait('was sent nothing')
    return true
  }

  /** `reply`, from now on within the time limit. */
  answer(): Promise<string> {
    this.#wait('did not answer')
    return this.reply
  }

  close(): void {
    this.#fail('was not listened to')
  }

  /** Starts the time anew. Only what this side does: a peer that drips bytes wins no time. */
  #wait(what: string): void {
    this.#waitsFor = what
    if (!this.#over) this.#timer.refresh()
  }

  #hear(text: string): void {
    this.#heard += text
    const end = this.#heard.indexOf('\0')
    if (end >= 0) {
      this.#settle.resolve(this.#heard.slice(0, end))
      this.#end()
    } else if (this.#heard.length > MAX_REPLY_BYTES) this.#fail('answers without an end')
  }

  /** It says goodbye without a NUL, e.g. "COMMAND READ TIMED OUT". */
  #lastWords(): string {
    const words = this.#heard.trim()
    return words ? ` after "${readable(words)}"` : ''
  }

  #fail(reason: string): void {
    this.#settle.reject(new Error(`clamd at ${this.#place} ${reason}`))
    this.#end()
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
    this.#socket.destroy()
  }
}
