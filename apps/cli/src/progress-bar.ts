/** A bar with its figures, for one line of a terminal. */
import { bytes } from './output.ts'

const WIDTH = 20

export function progressBar({ done, total, unit }: { done: number; total: number; unit: string }): string {
  const share = total > 0 ? Math.min(1, done / total) : 0
  const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')
  const figures = unit === 'bytes' ? `${bytes(done)} of ${bytes(total)}` : `${done} of ${total} ${unit}`
  return `${bar} ${figures}`
}
