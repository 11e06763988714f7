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

const COVERAGE = 0.8
/** What widening aims at: physics' form was chosen with these rows in sight, so new ones are covered somewhat less. */
const AIMED_COVERAGE = 0.82
/** Fewer residuals than this make no quantile: the group takes those of all groups. */
const LEAST_RESIDUALS = 30
/** A group's own factor needs so many residuals in so many folds, else that of all groups counts. */
const LEAST_FOR_FACTOR = { residuals: 150, folds: 3 } as const
const FACTORS = { least: 0.7, most: 2.5, step: 0.05 } as const
/** Nobody predicts serving better than it repeats: the same configuration measured twice differs by 7 % in the mean. */
const NARROWEST = 0.02
const NO_BOUNDS: Bounds = { low: 0, high: 0 }

export type GroupBounds = Readonly<Record<string, Readonly<Record<Target, Bounds>>>>

export function fitBounds(residuals: readonly LeftOutResidual[], groups: readonly string[]): GroupBounds {
  return Object.fromEntries(
    groups.map((group) => [
      group,
      byTarget((target) => widened(boundsOf(residuals, group, target), factorOf(residuals, group, target))),
    ]),
  )
}

/** For every residual, the bounds that folds other than its own make. */
export function leftOutBounds(residuals: readonly LeftOutResidual[]): Record<Target, Bounds>[] {
  const factors = new Map<string, Record<Target, number>>()
  for (const group of new Set(residuals.map((residual) => residual.group))) {
    factors.set(
      group,
      byTarget((target) => factorOf(residuals, group, target)),
    )
  }
  const unwidened = byTarget((target) => unwidenedBounds(residuals, target))
  return residuals.map(({ group }, i) =>
    byTarget((target) => widened(unwidened[target][i] ?? NO_BOUNDS, factors.get(group)?.[target] ?? 1)),
  )
}

const byTarget = <T>(of: (target: Target) => T): Record<Target, T> =>
  Object.fromEntries(TARGETS.map((target) => [target, of(target)])) as Record<Target, T>

function unwidenedBounds(residuals: readonly LeftOutResidual[], target: Target): Bounds[] {
  const bounds: Bounds[] = []
  for (const fold of new Set(residuals.map((residual) => residual.fold))) {
    const others = residuals.filter((residual) => residual.fold !== fold)
    const byGroup = new Map<string, Bounds>()
    residuals.forEach(({ fold: own, group }, i) => {
      if (own !== fold) return
      const known = byGroup.get(group) ?? boundsOf(others, group, target)
      byGroup.set(group, known)
      bounds[i] = known
    })
  }
  return bounds
}

/** The smallest factor at which left-out folds are covered as aimed: the group's own, or that of all. */
function factorOf(residuals: readonly LeftOutResidual[], group: string, target: Target): number {
  const bounds = unwidenedBounds(residuals, target)
  const all = residuals.flatMap(({ log, group: of, fold }, i) => {
    const own = bounds[i]
    return Number.isNaN(log[target]) || !own ? [] : [{ value: log[target], own, of, fold }]
  })
  const grouped = all.filter(({ of }) => of === group)
  const tells =
    grouped.length >= LEAST_FOR_FACTOR.residuals &&
    new Set(grouped.map(({ fold }) => fold)).size >= LEAST_FOR_FACTOR.folds
  const judged = tells ? grouped : all
  for (let factor: number = FACTORS.least; factor < FACTORS.most; factor += FACTORS.step) {
    const inside = judged.filter(({ value, own }) => value >= own.low * factor && value <= own.high * factor)
    if (inside.length >= AIMED_COVERAGE * judged.length) return factor
  }
  return FACTORS.most
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
