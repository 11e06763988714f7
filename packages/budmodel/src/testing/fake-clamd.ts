/** A server that speaks clamd's protocol over a real socket, and breaks it where a test says how. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { ClamdAddress } from '../adapters/clamd-address.ts'
import { eicarTestString } from '../domain/scan/signature-search.ts'

export interface FakeClamdOptions {
  version?: string
  /** Tells when it skips what is too deep for it: AlertExceedsMax. */
  alerts?: boolean
  streamMaxLength?: number
  /** Name → bytes. */
  signatures?: Record<string, string>
  /** Answers to streams after the two by which a scanner tries it out; undefined = as clamd would. */
  answer?: (content: Buffer, nth: number) => string | undefined
  /** Takes over the connection of such a stream from its start on. */
  misbehave?: (socket: Socket, nth: number) => void
}

const PROOF_STREAMS = 2
const MAX_RECURSION = 17

export class FakeClamd {
  /** The contents of the streams it took whole, without those it was tried out with. */
  readonly streams: Buffer[] = []
  open = 0
  /** How many streams it took at once, at most. */
  busyMost = 0
  readonly #server: Server
  readonly #options: FakeClamdOptions
  readonly #sockets = new Set<Socket>()
  #streams = 0
  #busy = 0

  constructor(options: FakeClamdOptions = {}) {
    this.#options = options
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async listen(place: { path: string } | { host: string; port: number }): Promise<ClamdAddress> {
    this.#server.listen(place)
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return address !== null && typeof address === 'object'
      ? { host: address.address, port: address.port }
      : { path: String(address) }
  }

  /** Ends every connection, as a killed process does. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** Resolves when nobody is connected any more. */
  async allClosed(): Promise<void> {
    for (const socket of this.#sockets) if (!socket.closed) await once(socket, 'close')
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    this.open++
    socket.on('error', () => {})
    socket.once('close', () => {
      this.open--
      this.#sockets.delete(socket)
    })
    let received = Buffer.alloc(0)
    const onData = (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      const end = received.indexOf(0)
      if (end < 0) return
      socket.off('data', onData)
      const command = received.subarray(0, end).toString()
      if (command !== 'zINSTREAM') socket.end(`${this.#simple(command)}\0`)
      else this.#stream(socket, received.subarray(end + 1))
    }
    socket.on('data', onData)
  }

  #simple(command: string): string {
    if (command === 'zVERSION') return this.#options.version ?? 'ClamAV 1.4.6/27001/Wed Nov 25 09:00:00 2026'
    return command === 'zPING' ? 'PONG' : 'UNKNOWN COMMAND'
  }

  #stream(socket: Socket, first: Buffer): void {
    const nth = this.#streams++ - PROOF_STREAMS
    if (nth >= 0 && this.#options.misbehave) {
      socket.pause()
      socket.unshift(first)
      this.#options.misbehave(socket, nth)
      return
    }
    const { streamMaxLength = 100 * 2 ** 20 } = this.#options
    this.#busy++
    this.busyMost = Math.max(this.busyMost, this.#busy)
    const parts: Buffer[] = []
    let pending = first
    let bytes = 0
    const onData = (more: Buffer) => {
      pending = pending.length === 0 ? more : Buffer.concat([pending, more])
      while (pending.length >= 4) {
        const length = pending.readUInt32BE(0)
        if (length === 0) {
          const content = Buffer.concat(parts)
          this.#busy--
          if (nth >= 0) this.streams.push(content)
          socket.end(`${this.#judge(content, nth)}\0`)
          return
        }
        if (bytes + length > streamMaxLength) {
          socket.end('INSTREAM size limit exceeded. ERROR\0')
          return
        }
        if (pending.length < 4 + length) return
        parts.push(pending.subarray(4, 4 + length))
        bytes += length
        pending = pending.subarray(4 + length)
      }
    }
    socket.on('data', onData)
    onData(Buffer.alloc(0))
  }

  #judge(content: Buffer, nth: number): string {
    const told = nth < 0 ? undefined : this.#options.answer?.(content, nth)
    if (told !== undefined) return told
    let inner = content
    for (let depth = 0; inner[0] === 0x1f && inner[1] === 0x8b; depth++) {
      const skipped = this.#options.alerts === false ? 'OK' : 'Heuristics.Limits.Exceeded.MaxRecursion FOUND'
      if (depth === MAX_RECURSION) return `stream: ${skipped}`
      inner = gunzipSync(inner)
    }
    const { signatures = { 'Eicar-Test-Signature': eicarTestString } } = this.#options
    const found = Object.entries(signatures).find(([, bytes]) => inner.includes(bytes))
    return found ? `stream: ${found[0]} FOUND` : 'stream: OK'
  }
}
