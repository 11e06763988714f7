/** Stands in for the TCP socket of a pg.Client: the wire protocol goes straight into the in-process database. */
import { Duplex } from 'node:stream'
import type { PGlite } from '@electric-sql/pglite'

type Done = (error?: Error | null) => void

const AUTHENTICATION_OK = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0])
const READY_FOR_QUERY_IDLE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
const TERMINATE = 0x58
const HEADER_BYTES = 5

export class PgliteStream extends Duplex {
  readonly #db: PGlite
  #started = false
  #incomplete: Buffer = Buffer.alloc(0)

  constructor(db: PGlite) {
    super()
    this.#db = db
  }

  /** What pg.Client calls on a socket and has no meaning in process. */
  connect(): this {
    queueMicrotask(() => this.emit('connect'))
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    void this.#handle(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    void this.#handle(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  async #handle(chunk: Buffer, done: Done): Promise<void> {
    try {
      if (this.#started) await this.#forward(Buffer.concat([this.#incomplete, chunk]))
      else await this.#start()
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** The one backend is already up: only what an earlier connection left in it is cleared away. */
  async #start(): Promise<void> {
    this.#started = true
    await this.#db.exec('ROLLBACK')
    await this.#db.exec('DISCARD ALL')
    this.push(AUTHENTICATION_OK)
    this.push(READY_FOR_QUERY_IDLE)
  }

  /** Passes on whole messages and keeps an unfinished one for the next chunk. */
  async #forward(bytes: Buffer): Promise<void> {
    let end = 0
    while (end + HEADER_BYTES <= bytes.length) {
      if (bytes[end] === TERMINATE) {
        this.push(null)
        return
      }
      const next = end + 1 + bytes.readUInt32BE(end + 1)
      if (next > bytes.length) break
      end = next
    }
    this.#incomplete = bytes.subarray(end)
    if (end === 0) return
    await this.#db.runExclusive(() =>
      this.#db.execProtocolRawStream(bytes.subarray(0, end), { onRawData: (data) => this.push(Buffer.from(data)) }),
    )
  }
}
