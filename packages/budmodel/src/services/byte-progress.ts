/** Shows an operation's step moving on in bytes, a few times a second at most, whoever of several reads them. */
import type { Context } from './context.ts'

const REPORT_EVERY_MS = 250

export function byteProgress(
  { operations, clock }: Pick<Context, 'operations' | 'clock'>,
  operationId: string,
  step: string,
  { done, total }: { done: number; total: number },
): (bytes: number) => Promise<void> {
  let current = done
  let reportedAt = Number.NEGATIVE_INFINITY
  let reporting = false
  return async (bytes) => {
    current += bytes
    if (reporting || clock.nowMs() - reportedAt < REPORT_EVERY_MS) return
    // One report at a time: a later one, overtaken by an earlier one, would step back.
    reporting = true
    reportedAt = clock.nowMs()
    try {
      await operations.updateStep(operationId, step, {
        progress: { done: Math.min(current, total), total, unit: 'bytes' },
      })
    } finally {
      reporting = false
    }
  }
}

/** "1 file, 933,354 bytes" */
export const countText = (files: readonly { bytes: number }[]): string => {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return `${files.length.toLocaleString('en')} ${files.length === 1 ? 'file' : 'files'}, ${bytes.toLocaleString('en')} bytes`
}
