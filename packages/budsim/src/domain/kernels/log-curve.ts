/** Measured times along one size, interpolated in the logarithms. */
import { createLogAxis } from './log-axis.ts'

/** Flat below the first size, proportional above the last. */
export function createCurve(sizes: readonly number[], microseconds: readonly number[]): (size: number) => number {
  const axis = createLogAxis(sizes)
  const logTimes = Float64Array.from(microseconds, Math.log)
  return (size) => {
    const log = Math.log(Math.min(Math.max(size, axis.first), axis.last))
    const cell = axis.cellOf(log)
    const low = axis.logs[cell] ?? 0
    const share = (log - low) / ((axis.logs[cell + 1] ?? 0) - low)
    const from = logTimes[cell] ?? 0
    return Math.exp(from + ((logTimes[cell + 1] ?? 0) - from) * share) * Math.max(size / axis.last, 1)
  }
}
