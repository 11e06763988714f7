/** Times of matrix products from measured grids. */
import type { GpuSpec } from '@bud/kernel'
import type { TimeGrid } from './kernel-data.ts'
import { bindSpace, scaled, toLogGrid } from './log-grid.ts'
import { type ExpertFormat, ratesOf, WEIGHT_BYTES } from './roofline.ts'

/** µs of y[m,n] = x[m,k]·w[k,n]. */
export type GemmTime = (m: number, n: number, k: number) => number

export interface GemmSource {
  gpu: GpuSpec
  format: ExpertFormat
}

/** What a product costs whatever its size. */
const LAUNCH_US = 2

/** A grid measured in one format on one GPU, carried to another by the ratio of their rooflines. */
export function createGemm(grid: TimeGrid, from: GemmSource, to: GemmSource): GemmTime {
  const measured = toLogGrid(grid)
  if (from.gpu.id === to.gpu.id && from.format === to.format) return bindSpace(measured)
  const [there, here] = [createRoof(from), createRoof(to)]
  return bindSpace(scaled(measured, LAUNCH_US, (m = 1, n = 1, k = 1) => here(m, n, k) / there(m, n, k)))
}

/** Arithmetic or memory traffic at datasheet rates, whichever takes longer. */
export function createRoof({ gpu, format }: GemmSource): GemmTime {
  const { flopsPerUs, bytesPerUs } = ratesOf(gpu, format)
  const weightBytes = WEIGHT_BYTES[format]
  return (m, n, k) => Math.max((2 * m * n * k) / flopsPerUs, (n * k * weightBytes + 2 * m * k + 2 * m * n) / bytesPerUs)
}
