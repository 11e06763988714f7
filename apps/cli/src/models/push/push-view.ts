/** Shows how far a push is: a moving line on a terminal, a line for each file elsewhere. */

import { createMovingLine } from '../../moving-line.ts'
import { bytes, trim } from '../../output.ts'
import { progressBar } from '../../progress-bar.ts'
import type { Terminal } from '../../verb.ts'
import type { LocalFile } from './local-files.ts'
import { TransferRate } from './transfer-rate.ts'

/** After so long without a byte sent, reading is what goes on. */
const QUIET_MS = 500

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
  /** The file that is being read for its digest, while nothing goes over. */
  reading: string | undefined
}

/** One line for a terminal. */
export function progressLine({ done, total, files, fileCount, bytesPerSecond, reading }: PushProgress): string {
  const bar = progressBar({ done, total, unit: 'bytes' })
  const ofFiles = `${files} of ${fileCount} ${fileCount === 1 ? 'file' : 'files'}`
  if (reading !== undefined) return [bar, ofFiles, `reading ${reading}`].join(' · ')
  if (bytesPerSecond <= 0) return [bar, ofFiles].join(' · ')
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
  const rate = new TransferRate()
  let done = 0
  let found = 0
  let files = 0
  let reading: string | undefined
  let sentMs = 0
  const moving = createMovingLine(terminal)
  const draw = () =>
    moving?.draw(() => {
      const bytesPerSecond = rate.bytesPerSecond(performance.now())
      return progressLine({ done, total, files, fileCount, bytesPerSecond, reading })
    })
  return {
    reading(file) {
      if (performance.now() - sentMs > QUIET_MS) reading = file.path
      draw()
    },
    found(count) {
      done += count
      found += count
      draw()
    },
    advance(count) {
      done += count
      reading = undefined
      sentMs = performance.now()
      rate.add(count, performance.now())
      draw()
    },
    sent(file) {
      files++
      if (!moving) terminal.say(`  sent ${file.path}, ${bytes(file.bytes)} (${bytes(done)} of ${bytes(total)})`)
    },
    end() {
      moving?.clear()
      const seconds = (performance.now() - startMs) / 1000
      const sent = Math.max(0, done - found)
      const before = found > 0 ? `; ${bytes(found)} were there already` : ''
      terminal.say(`  ${bytes(sent)} sent in ${trim(seconds)} s (${bytes(sent / seconds)}/s)${before}.`)
    },
  }
}
