/** Times of matrix products: measured grids, interpolated in the logarithms of the sizes. */
import type { GpuSpec } from '@bud/kernel'
import type { GemmGrid } from './kernel-data.ts'
import { createLogAxis, type LogAxis } from './log-axis.ts'
import { type GemmFormat, ratesOf, WEIGHT_BYTES } from './roofline.ts'

/** µs of y[m,n] = x[m,k]·w[k,n]. */
export type GemmTime = (m: number, n: number, k: number) => number

/** What a kernel costs whatever its size, when times are carried from one GPU to another. */
const LAUNCH_US = 2
const LEAST_WORK_US = 0.2

/** Inside the grid trilinear; above it proportional to the size; below it the smallest size. */
export function createGridGemm(grid: GemmGrid): GemmTime {
  const [mAxis, nAxis, kAxis] = [createLogAxis(grid.m), createLogAxis(grid.n), createLogAxis(grid.k)]
  const logTimes = Float64Array.from(grid.microseconds, Math.log)
  const nStride = grid.k.length
  const mStride = grid.n.length * nStride
  return (m, n, k) => {
    const logM = Math.log(clamp(m, mAxis))
    const logN = Math.log(clamp(n, nAxis))
    const logK = Math.log(clamp(k, kAxis))
    const mCell = mAxis.cellOf(logM)
    const nCell = nAxis.cellOf(logN)
    const kCell = kAxis.cellOf(logK)
    const mShare = shareOf(mAxis.logs, mCell, logM)
    const nShare = shareOf(nAxis.logs, nCell, logN)
    const kShare = shareOf(kAxis.logs, kCell, logK)
    const corner = mCell * mStride + nCell * nStride + kCell
    const near = mix(edge(logTimes, corner, kShare), edge(logTimes, corner + nStride, kShare), nShare)
    const far = mix(
      edge(logTimes, corner + mStride, kShare),
      edge(logTimes, corner + mStride + nStride, kShare),
      nShare,
    )
    return Math.exp(mix(near, far, mShare)) * beyond(m, mAxis) * beyond(n, nAxis) * beyond(k, kAxis)
  }
}

/** A grid measured in one format on one GPU, carried to another by the ratio of their rooflines. */
export function carryGemm(
  grid: GemmGrid,
  from: { gpu: GpuSpec; format: GemmFormat },
  to: { gpu: GpuSpec; format: GemmFormat },
): GemmTime {
  const measured = createGridGemm(grid)
  if (from.gpu.id === to.gpu.id && from.format === to.format) return measured
  const [roofThere, roofHere] = [createRoof(from.gpu, from.format), createRoof(to.gpu, to.format)]
  const [mLast, nLast, kLast] = [lastOf(grid.m), lastOf(grid.n), lastOf(grid.k)]
  const [mFirst, nFirst, kFirst] = [grid.m[0] ?? 1, grid.n[0] ?? 1, grid.k[0] ?? 1]
  return (m, n, k) => {
    const mIn = Math.min(Math.max(m, mFirst), mLast)
    const nIn = Math.min(Math.max(n, nFirst), nLast)
    const kIn = Math.min(Math.max(k, kFirst), kLast)
    const work = Math.max(measured(mIn, nIn, kIn) - LAUNCH_US, LEAST_WORK_US)
    const carried = LAUNCH_US + (work * roofHere(mIn, nIn, kIn)) / roofThere(mIn, nIn, kIn)
    return carried * Math.max(m / mLast, 1) * Math.max(n / nLast, 1) * Math.max(k / kLast, 1)
  }
}

/** Arithmetic or memory traffic at datasheet rates, whichever takes longer. */
export function createRoof(gpu: GpuSpec, format: GemmFormat): GemmTime {
  const { flopsPerUs, bytesPerUs } = ratesOf(gpu, format)
  const weightBytes = WEIGHT_BYTES[format]
  return (m, n, k) => Math.max((2 * m * n * k) / flopsPerUs, (n * k * weightBytes + 2 * m * k + 2 * m * n) / bytesPerUs)
}

const clamp = (size: number, axis: LogAxis): number => Math.min(Math.max(size, axis.first), axis.last)
const beyond = (size: number, axis: LogAxis): number => (size > axis.last ? size / axis.last : 1)
const mix = (low: number, high: number, share: number): number => low + (high - low) * share
const lastOf = (sizes: readonly number[]): number => sizes[sizes.length - 1] ?? 1

function shareOf(logs: Float64Array, cell: number, log: number): number {
  const low = logs[cell] ?? 0
  return (log - low) / ((logs[cell + 1] ?? 0) - low)
}

function edge(times: Float64Array, at: number, share: number): number {
  return mix(times[at] ?? 0, times[at + 1] ?? 0, share)
}
