/** Shows how far a push is: a moving line on a terminal, a line for each file elsewhere. */
import { bytes, trim } from '../../output.ts'
import { progressBar } from '../../progress-bar.ts'
import type { Terminal } from '../../verb.ts'
import type { LocalFile } from './local-files.ts'
import { TransferRate } from './transfer-rate.ts'

const REDRAW_MS = 100

export interface PushView {
  /** So many bytes of a file have been read for its digest. */
  reading(file: LocalFile, count: number): void
  /** An earlier push had sent so many. */
  found(count: number): void
  /** So many more are on their way; negative: they did not arrive. */
  advance(count: number): void
  sent(file: LocalFile): void
  /** Leaves a line that says what was done. */
  end(): void
}

export interface PushProgress {
  done: number
  total: number
  files: number
  fileCount: number
  bytesPerSecond: number
  /** The file that is being read for its digest. */
  reading: string | undefined
}

/** One line for a terminal. */
export function progressLine({ done, total, files, fileCount, bytesPerSecond, reading }: PushProgress): string {
  const bar = progressBar({ done, total, unit: 'bytes' })
  const ofFiles = `${files} of ${fileCount} ${fileCount === 1 ? 'file' : 'files'}`
  if (bytesPerSecond <= 0) return [bar, ofFiles, ...(reading === undefined ? [] : [`reading ${reading}`])].join(' · ')
  return [bar, ofFiles, `${bytes(bytesPerSecond)}/s`, `${timeLeft((total - done) / bytesPerSecond)} left`].join(' · ')
}

export function timeLeft(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

export function createPushView(
  terminal: Terminal,
  { fileCount, total }: { fileCount: number; total: number },
): PushView {
  const startMs = performance.now()
  const rate = new TransferRate(startMs)
  const isMoving = !terminal.json && process.stderr.isTTY
  let done = 0
  let found = 0
  let files = 0
  let reading: string | undefined
  let drawnMs = 0
  const draw = () => {
    const nowMs = performance.now()
    if (!isMoving || nowMs - drawnMs < REDRAW_MS) return
    drawnMs = nowMs
    const bytesPerSecond = rate.bytesPerSecond(nowMs)
    const line = progressLine({ done, total, files, fileCount, bytesPerSecond, reading })
    process.stderr.write(`\r\x1b[2K${line.slice(0, process.stderr.columns - 1)}`)
  }
  return {
    reading(file) {
      reading = file.path
      draw()
    },
    found(count) {
      done += count
      found += count
      draw()
    },
    advance(count) {
      done += count
      rate.add(count, performance.now())
      draw()
    },
    sent(file) {
      files++
      if (!isMoving) terminal.say(`  sent ${file.path}, ${bytes(file.bytes)} (${bytes(done)} of ${bytes(total)})`)
    },
    end() {
      if (isMoving) process.stderr.write('\r\x1b[2K')
      const seconds = (performance.now() - startMs) / 1000
      const sent = Math.max(0, done - found)
      const before = found > 0 ? `; ${bytes(found)} were there already` : ''
      terminal.say(`  ${bytes(sent)} sent in ${trim(seconds)} s (${bytes(sent / seconds)}/s)${before}.`)
    },
  }
}
