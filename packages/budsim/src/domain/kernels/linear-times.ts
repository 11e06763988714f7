/**
 * Times of gated-delta-net layers without their projections: short convolution and recurrence. A value head's state is
 * 128 × 128; heads and sequences are exchangeable. Mamba-2's scan was not measured: count its state in such heads.
 */
import type { TimeGrid } from './kernel-data.ts'
import { createCurve } from './log-curve.ts'
import { bindPlane, launchOf, scaled, toLogGrid } from './log-grid.ts'
import type { Rates } from './roofline.ts'

const HEAD_ELEMENTS = 128
const STATE_ELEMENTS = HEAD_ELEMENTS * HEAD_ELEMENTS
/** Read and written once a token, in fp32. */
const STATE_BYTES = 2 * 4 * STATE_ELEMENTS
/** Per token of a prompt and head: products with the state and inside a chunk; q, k, v and output in bf16. */
const PREFILL_FLOPS = 6 * STATE_ELEMENTS
const PREFILL_BYTES = 2 * 4 * HEAD_ELEMENTS

/** Roofline of one head of one sequence. */
export const linearStepUs = (rates: Rates): number => STATE_BYTES / rates.bytesPerUs

/** Roofline of one head and one token of a prompt. */
export function linearTokenUs(rates: Rates): number {
  return Math.max(PREFILL_FLOPS / rates.flopsPerUs, PREFILL_BYTES / rates.bytesPerUs)
}

/** One token per sequence. */
export function createLinearDecode(grid: TimeGrid, from: Rates, to: Rates, stateHeads: number) {
  const measured = toLogGrid(grid)
  const ratio = linearStepUs(to) / linearStepUs(from)
  const { axes, logs } = scaled(measured, launchOf(measured), () => ratio)
  const time = createCurve(axes[0] ?? [], [...logs].map(Math.exp))
  return (sequences: number): number => time(sequences * stateHeads)
}

export function createLinearPrefill(grid: TimeGrid, from: Rates, to: Rates, stateHeads: number) {
  const measured = toLogGrid(grid)
  const ratio = linearTokenUs(to) / linearTokenUs(from)
  const time = bindPlane(scaled(measured, launchOf(measured), () => ratio))
  return (sequences: number, newTokens: number): number => time(sequences * stateHeads, newTokens)
}
