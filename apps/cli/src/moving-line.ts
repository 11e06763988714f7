/** One line of a terminal that is written over and over. */
import type { Terminal } from './verb.ts'

const REDRAW_MS = 100
const DEFAULT_COLUMNS = 80

export interface MovingLine {
  /** Now and then: most calls cost nothing, `text` is not asked for then. */
  draw(text: () => string): void
  clear(): void
}

/** Undefined where nobody would see it move. */
export function createMovingLine({ json }: Terminal): MovingLine | undefined {
  const { stderr } = process
  if (json || !stderr.isTTY) return undefined
  let drawnMs = 0
  return {
    draw(text) {
      const nowMs = performance.now()
      if (nowMs - drawnMs < REDRAW_MS) return
      drawnMs = nowMs
      stderr.write(`\r\x1b[2K${text().slice(0, (stderr.columns || DEFAULT_COLUMNS) - 1)}`)
    },
    clear: () => {
      stderr.write('\r\x1b[2K')
    },
  }
}
