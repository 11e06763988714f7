/**
 * The built-in structural checks behind the Scanner port. They run in threads of their own: a file made to keep a parser
 * busy costs its own time limit and never the control plane's event loop.
 */
import { availableParallelism } from 'node:os'
import { messageOf } from '@bud/kernel'
import type { RangedFile } from '../domain/formats/ranged-file.ts'
import { type FileScan, finding } from '../domain/scan/scan-report.ts'
import type { Scanner } from '../ports.ts'
import { InspectionThread } from './inspection-thread.ts'

export interface FormatScannerOptions {
  /** For one file, whatever its size: weights are read by parts. */
  timeoutMs?: number
  threads?: number
}

/** Raise it whenever a rule changes. */
const VERSION = '3'
const TIMEOUT_MS = 120_000
const IDLE_MS = 30_000

export const createFormatScanner = (options: FormatScannerOptions = {}): Scanner => new FormatScanner(options)

class FormatScanner implements Scanner {
  readonly name = 'formats'
  readonly version = VERSION
  readonly #timeoutMs: number
  readonly #threads: number
  readonly #idle: InspectionThread[] = []
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({
    timeoutMs = TIMEOUT_MS,
    threads = Math.max(1, Math.min(4, availableParallelism() - 1)),
  }: FormatScannerOptions) {
    this.#timeoutMs = timeoutMs
    this.#threads = threads
  }

  async scan(file: RangedFile): Promise<FileScan> {
    while (this.#running >= this.#threads) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running++
    const thread = this.#idle.pop() ?? new InspectionThread()
    try {
      const scan = await thread.inspect(file, this.#timeoutMs)
      this.#rest(thread)
      return scan
    } catch (error) {
      await thread.end()
      return {
        format: '',
        bytes_covered: 0,
        findings: [finding('warn', 'scanner-failed', `formats could not look at ${file.path}: ${messageOf(error)}`)],
      }
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  /** Kept for the next file, and ended when none comes: a thread holds some forty megabytes. */
  #rest(thread: InspectionThread): void {
    this.#idle.push(thread)
    const timer = setTimeout(() => {
      const at = this.#idle.indexOf(thread)
      if (at < 0) return
      this.#idle.splice(at, 1)
      void thread.end()
    }, IDLE_MS)
    timer.unref()
  }
}
