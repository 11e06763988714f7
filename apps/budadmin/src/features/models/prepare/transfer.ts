/** How an upload gets on: bytes, rate, time left. */
import { formatBytes, formatDuration } from '../../../prepare/format.ts'

export interface TransferSample {
  atMs: number
  bytes: number
}

/** What the rate is taken over. */
const WINDOW_MS = 8_000
/** Below this a rate is noise. */
const SHORTEST_MS = 500

/** Keeps one sample from before the window, so that a slow transfer has a rate too. */
export function withSample(samples: readonly TransferSample[], sample: TransferSample): TransferSample[] {
  const firstInside = samples.findIndex(({ atMs }) => atMs >= sample.atMs - WINDOW_MS)
  const kept = firstInside < 0 ? samples.slice(-1) : samples.slice(Math.max(0, firstInside - 1))
  return [...kept, sample]
}

/** Bytes per second; undefined while too little is known. */
export function rateOf(samples: readonly TransferSample[]): number | undefined {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.atMs - first.atMs < SHORTEST_MS || last.bytes <= first.bytes) return undefined
  return (1000 * (last.bytes - first.bytes)) / (last.atMs - first.atMs)
}

/** "1.2 GB of 4 GB · 35 MB/s · 1 min 20 s left". */
export function transferText(bytes: number, total: number, rate: number | undefined): string {
  const parts = [
    `${formatBytes(bytes)} of ${formatBytes(total)}`,
    rate === undefined ? undefined : `${formatBytes(rate)}/s`,
    rate === undefined || bytes >= total ? undefined : `${formatDuration((1000 * (total - bytes)) / rate)} left`,
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}
