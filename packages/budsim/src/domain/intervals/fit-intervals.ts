/**
 * Interval bounds from residuals of left-out rows. Errors come in families, so bounds fitted on some families cover
 * too little of another: they are widened until families left out of the fit themselves are covered as promised.
 */
import { type Figures, TARGETS, type Target } from '../physics/calibrated.ts'
import type { Bounds } from './interval-model.ts'

export interface LeftOutResidual {
  group: string
  /** Rows of one fold are alike: they are left out together. */
  fold: number
  /** ln(measured ÷ predicted); NaN where not measured. */
  log: Figures
}

export const COVERAGE = 0.8
/** Fewer residuals than this make no quantile: the group takes those of all groups. */
const LEAST_RESIDUALS = 30
const WIDEST_FACTOR = 2.5
const FACTOR_STEP = 0.05
/** Nobody predicts serving better than it repeats: the same configuration measured twice differs by 7 % in the mean. */
const NARROWEST = 0.02

export type GroupBounds = Readonly<Record<string, Readonly<Record<Target, Bounds>>>>

export function fitBounds(residuals: readonly LeftOutResidual[], groups: readonly string[]): GroupBounds {
  const factors = Object.fromEntries(TARGETS.map((target) => [target, wideningFactor(residuals, target)])) as Record<
    Target,
    number
  >
  return Object.fromEntries(
    groups.map((group) => [
      group,
      Object.fromEntries(
        TARGETS.map((target) => [target, widened(boundsOf(residuals, group, target), factors[target])]),
      ) as Record<Target, Bounds>,
    ]),
  )
}

/** The share of rows inside bounds that were fitted on other folds. */
export function leftOutCoverage(residuals: readonly LeftOutResidual[], target: Target, factor: number): number {
  let inside = 0
  let count = 0
  for (const fold of new Set(residuals.map((residual) => residual.fold))) {
    const others = residuals.filter((residual) => residual.fold !== fold)
    const byGroup = new Map<string, Bounds>()
    for (const { fold: own, group, log } of residuals) {
      const value = log[target]
      if (own !== fold || Number.isNaN(value)) continue
      let bounds = byGroup.get(group)
      if (!bounds) {
        bounds = widened(boundsOf(others, group, target), factor)
        byGroup.set(group, bounds)
      }
      count++
      if (value >= bounds.low && value <= bounds.high) inside++
    }
  }
  return count === 0 ? 1 : inside / count
}

function wideningFactor(residuals: readonly LeftOutResidual[], target: Target): number {
  for (let factor = 1; factor < WIDEST_FACTOR; factor += FACTOR_STEP) {
    if (leftOutCoverage(residuals, target, factor) >= COVERAGE) return factor
  }
  return WIDEST_FACTOR
}

function boundsOf(residuals: readonly LeftOutResidual[], group: string, target: Target): Bounds {
  const values = (chosen: readonly LeftOutResidual[]) =>
    chosen.map(({ log }) => log[target]).filter((value) => !Number.isNaN(value))
  const own = values(residuals.filter((residual) => residual.group === group))
  const used = own.length >= LEAST_RESIDUALS ? own : values(residuals)
  used.sort((a, b) => a - b)
  const tail = (1 - COVERAGE) / 2
  return { low: Math.min(quantile(used, tail), -NARROWEST), high: Math.max(quantile(used, 1 - tail), NARROWEST) }
}

/** Conformal: the quantile of n residuals and the next one. */
function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 0
  const rank = share < 0.5 ? Math.floor(share * (sorted.length + 1)) - 1 : Math.ceil(share * (sorted.length + 1)) - 1
  return sorted[Math.min(Math.max(rank, 0), sorted.length - 1)] ?? 0
}

const widened = ({ low, high }: Bounds, factor: number): Bounds => ({ low: low * factor, high: high * factor })
