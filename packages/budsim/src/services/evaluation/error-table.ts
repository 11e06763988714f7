/** How far predictions were from measurements, in slices that may be compared. */
import { mean, median } from '../../domain/averages.ts'
import type { Bounds } from '../../domain/intervals/interval-model.ts'
import { type Figures, TARGETS, type Target } from '../../domain/physics/calibrated.ts'
import type { MeasuredRow } from '../../domain/rows/measured-row.ts'

/** A measured row beside what was predicted for it. */
export interface Judged {
  from: MeasuredRow
  /** Milliseconds and tokens per second; NaN where not measured. */
  measured: Figures
  predicted: Figures
  intervals: Record<Target, Bounds>
}

export interface TargetError {
  rows: number
  /** |predicted ÷ measured − 1| in percent. */
  mean_percent: number
  median_percent: number
  /** Share of measurements inside the 80 % interval, in percent. */
  covered_percent: number
}

export interface SliceErrors {
  slice: string
  rows: number
  errors: Record<Target, TargetError | null>
}

const SILICON_SAMPLE = 'aiconfigurator-silicon-sample'
const isSiliconClosedLoop = ({ from }: Judged): boolean =>
  from.source === SILICON_SAMPLE && from.row.scenario === 'closed-loop'

function errorsOf(slice: string, rows: readonly Judged[]): SliceErrors {
  const errors = Object.fromEntries(TARGETS.map((target) => [target, targetError(rows, target)]))
  return { slice, rows: rows.length, errors: errors as Record<Target, TargetError | null> }
}

/** The slice that compares with AIConfigurator, everything, then every scenario. */
export function scenarioErrors(rows: readonly Judged[]): SliceErrors[] {
  const scenarios = [...new Set(rows.map(({ from }) => from.row.scenario))].sort()
  return [
    errorsOf('silicon sample, closed loop', rows.filter(isSiliconClosedLoop)),
    errorsOf('all', rows),
    ...scenarios.map((scenario) =>
      errorsOf(
        scenario,
        rows.filter(({ from }) => from.row.scenario === scenario),
      ),
    ),
  ].filter((slice) => slice.rows > 0)
}

/** One line per left-out thing, the largest first. */
export function groupErrors(rows: readonly Judged[], nameOf: (row: Judged) => string): SliceErrors[] {
  const groups = new Map<string, Judged[]>()
  for (const row of rows) {
    const name = nameOf(row)
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return [...groups]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([name, group]) => errorsOf(name, group))
}

function targetError(rows: readonly Judged[], target: Target): TargetError | null {
  const judged = rows.filter(({ measured }) => measured[target] > 0)
  if (judged.length === 0) return null
  const errors = judged.map(({ measured, predicted }) => Math.abs(predicted[target] / measured[target] - 1) * 100)
  const inside = judged.filter(
    ({ measured, intervals }) =>
      measured[target] >= intervals[target].low && measured[target] <= intervals[target].high,
  )
  return {
    rows: judged.length,
    mean_percent: mean(errors),
    median_percent: median(errors),
    covered_percent: (inside.length / judged.length) * 100,
  }
}
