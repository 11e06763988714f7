/** The findings of one file that may hold thousands of others: bounded, and no rule is lost by it. */
import { type Finding, finding } from './scan-report.ts'

const MAX_FINDINGS = 5000
/** Kept of each rule whatever there was before. */
const KEPT_OF_EACH = 20

export class FindingList {
  readonly #kept: Finding[] = []
  readonly #counts = new Map<string, number>()
  #left = 0

  add(findings: Iterable<Finding>): void {
    for (const found of findings) {
      const kind = `${found.severity} ${found.rule}`
      const count = this.#counts.get(kind) ?? 0
      if (this.#kept.length >= MAX_FINDINGS && count >= KEPT_OF_EACH) {
        this.#left++
        continue
      }
      this.#counts.set(kind, count + 1)
      this.#kept.push(found)
    }
  }

  /** With a line that says so where some are left out; the version is not clean then. */
  all(): Finding[] {
    if (this.#left === 0) return this.#kept
    const message = `${this.#left.toLocaleString('en')} more findings are not listed.`
    return [...this.#kept, finding('info', 'more-findings', message)]
  }
}
