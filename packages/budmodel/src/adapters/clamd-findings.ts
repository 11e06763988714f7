/** What clamd's answers to a file's windows come to: bytes covered, signatures found, and why the rest is not covered. */
import { type FileScan, type Finding, finding } from '../domain/scan/scan-report.ts'
import type { ClamdAnswer } from './clamd-reply.ts'

interface Range {
  start: number
  end: number
}

/** Windows of one file that say the same are one finding: a file may have a hundred thousand. */
interface Group extends Range {
  windows: number
  toFinding: (where: string) => Finding
}

const MAX_GROUPS = 20

export class ClamdFindings {
  readonly #path: string
  readonly #groups = new Map<string, Group>()
  #covered = 0
  #coveredTo = 0

  constructor(path: string) {
    this.#path = path
  }

  /** In the order of the windows. An infinite end: from there on nothing was looked at. */
  add(answer: ClamdAnswer, { start, end }: Range): void {
    if (answer.kind !== 'not-looked-at') {
      this.#covered += end - Math.max(start, this.#coveredTo)
      this.#coveredTo = end
    }
    if (answer.kind === 'clean') return
    const key = answer.kind === 'found' ? `found ${answer.signature}` : `${answer.cause} ${answer.reason}`
    const known = this.#groups.get(key)
    if (known) {
      known.windows++
      known.end = end
    } else if (this.#groups.size < MAX_GROUPS) {
      this.#groups.set(key, { start, end, windows: 1, toFinding: (where) => this.#describe(answer, where) })
    }
  }

  /** `bytes`: how long the file was. */
  scan(bytes: number): FileScan {
    const findings = [...this.#groups.values()].map(({ start, end, windows, toFinding }) => {
      const range = `bytes ${start} to ${Math.min(end, bytes)}`
      return toFinding(windows === 1 || end === Number.POSITIVE_INFINITY ? range : `${windows} windows in ${range}`)
    })
    return { format: '', bytes_covered: this.#covered, findings }
  }

  #describe(answer: Exclude<ClamdAnswer, { kind: 'clean' }>, where: string): Finding {
    if (answer.kind === 'found') {
      const message = `ClamAV finds ${answer.signature} in ${this.#path} (${where}).`
      return finding('block', 'clamd-signature', message, { evidence: `${answer.signature} in ${where}` })
    }
    const message = `ClamAV did not look at ${this.#path} (${where}): ${answer.reason}.`
    return finding('warn', `clamd-${answer.cause}`, message, { evidence: where })
  }
}
