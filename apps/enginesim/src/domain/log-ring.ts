/** The last lines of a replica's log, and no more. */

const KEPT_LINES = 200

export class LogRing {
  #lines: string[] = []

  add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES)
  }

  last(count: number): string[] {
    return this.#lines.slice(-Math.min(count, KEPT_LINES))
  }
}
