/** What one file says many times over: each thing once, and so often per rule as anybody reads; no rule hides another. */
import type { Finding } from './scan-report.ts'

const MAX_PER_RULE = 50

export class FindingsByRule {
  readonly all: Finding[] = []
  readonly #seen = new Set<string>()
  readonly #counts = new Map<string, number>()

  /** `complete` finishes what is kept, where that takes time. */
  add(found: Finding, complete: (found: Finding) => Finding = (same) => same): void {
    const kind = `${found.severity} ${found.rule}`
    const count = this.#counts.get(kind) ?? 0
    if (count >= MAX_PER_RULE || this.#seen.has(found.message)) return
    this.#seen.add(found.message)
    this.#counts.set(kind, count + 1)
    this.all.push(complete(found))
  }
}
