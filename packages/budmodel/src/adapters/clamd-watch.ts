/** One file on its way through clamd: windows that overlap, each a stream of its own, and what came of them. */
import type { FileScan } from '../domain/scan/scan-report.ts'
import type { StreamWatch } from '../ports.ts'
import type { ClamdStream } from './clamd-client.ts'
import { ClamdFindings } from './clamd-findings.ts'
import type { Distrust } from './clamd-proof.ts'
import type { ClamdAnswer } from './clamd-reply.ts'

export interface ClamdWatchOptions {
  path: string
  windowBytes: number
  overlapBytes: number
  distrust(): Promise<Distrust | undefined>
  stream(signal: AbortSignal): Promise<ClamdStream>
  /** clamd did not answer as it should. */
  onUnavailable(): void
}

/**
 * A window is opened by the first byte beyond the last one, and begins with the end of that one. While clamd looks at
 * a window the next is sent; the one after that waits. Kept in memory: the overlap, nothing else.
 */
export class ClamdWatch implements StreamWatch {
  readonly #options: ClamdWatchOptions
  readonly #findings: ClamdFindings
  readonly #abort = new AbortController()
  #window: { stream: ClamdStream; start: number; bytes: number } | undefined
  /** The last bytes of a full window. */
  #overlap: Buffer | undefined
  /** The window before the current one: settles when its answer is in the findings. */
  #before: Promise<void> = Promise.resolve()
  #seen = 0
  /** Nothing more is sent: clamd has gone, or what it says counts for nothing. */
  #lost = false

  constructor(options: ClamdWatchOptions) {
    this.#options = options
    this.#findings = new ClamdFindings(options.path)
  }

  async push(chunk: Uint8Array): Promise<void> {
    let rest = chunk
    while (rest.length > 0 && !this.#lost) {
      const window = await this.#openWindow()
      if (!window) break
      const part = rest.subarray(0, this.#options.windowBytes - window.bytes)
      await window.stream.push(part)
      this.#keepOverlap(part, window.bytes)
      window.bytes += part.length
      this.#seen += part.length
      rest = rest.subarray(part.length)
      if (window.bytes === this.#options.windowBytes) await this.#closeWindow()
    }
    this.#seen += rest.length
  }

  async end(): Promise<FileScan> {
    await this.#closeWindow()
    await this.#before
    this.abort()
    return this.#findings.scan(this.#seen)
  }

  abort(): void {
    this.#lost = true
    this.#overlap = undefined
    this.#abort.abort()
  }

  async #openWindow() {
    if (this.#window) return this.#window
    if (this.#seen === 0) {
      const distrust = await this.#options.distrust()
      if (distrust) {
        this.#lost = true
        this.#findings.add(distrust, { start: 0, end: Number.POSITIVE_INFINITY })
        return undefined
      }
    }
    const { overlapBytes } = this.#options
    const stream = await this.#options.stream(this.#abort.signal)
    const overlap = this.#seen === 0 ? 0 : overlapBytes
    if (this.#overlap && overlap > 0) await stream.push(this.#overlap)
    this.#window = { stream, start: this.#seen - overlap, bytes: overlap }
    return this.#window
  }

  /** Waits for the answer of the window before, not for this one's. */
  async #closeWindow(): Promise<void> {
    const window = this.#window
    if (!window) return
    this.#window = undefined
    const answer = window.stream.end()
    await this.#before
    this.#before = answer.then((told) => this.#record(told, window.start, window.start + window.bytes))
  }

  #record(answer: ClamdAnswer, start: number, end: number): void {
    const lost = answer.kind === 'not-looked-at' && answer.cause === 'unavailable'
    if (lost && this.#lost) return
    this.#findings.add(answer, { start, end: lost ? Number.POSITIVE_INFINITY : end })
    if (!lost) return
    this.#lost = true
    this.#options.onUnavailable()
  }

  /** The end of a window of which `at` bytes had gone before `part`. */
  #keepOverlap(part: Uint8Array, at: number): void {
    const { windowBytes, overlapBytes } = this.#options
    const from = windowBytes - overlapBytes
    if (at + part.length <= from) return
    this.#overlap ??= Buffer.alloc(overlapBytes)
    this.#overlap.set(part.subarray(Math.max(0, from - at)), Math.max(0, at - from))
  }
}
