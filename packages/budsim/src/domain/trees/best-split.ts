/** XGBoost's choice of a split: the cut, and the side of the missing values, that lower the regularised loss most. */
import type { BinnedColumn } from './bin-columns.ts'
import type { HistogramLayout } from './histogram.ts'

export interface SplitRules {
  lambda: number
  alpha: number
  min_child_weight: number
}

export interface Sums {
  gradient: number
  hessian: number
}

export interface Split {
  /** Index in the layout. */
  place: number
  cut: number
  missingLeft: boolean
  gain: number
}

/** XGBoost's: a smaller gain is noise. */
const GAIN_MIN = 1e-6

/** Twice the loss a node saves as a leaf: T(G)² / (H + λ), where T shrinks G by α towards 0. */
export function score(gradient: number, hessian: number, { lambda, alpha }: SplitRules): number {
  const shrunken = alpha === 0 ? gradient : Math.max(Math.abs(gradient) - alpha, 0)
  return (shrunken * shrunken) / (hessian + lambda)
}

/** −T(G) / (H + λ): the value that minimises the regularised loss of a node's rows. */
export function leafWeight({ gradient, hessian }: Sums, { lambda, alpha }: SplitRules): number {
  const shrunken = Math.max(Math.abs(gradient) - alpha, 0)
  return shrunken === 0 ? 0 : (-Math.sign(gradient) * shrunken) / (hessian + lambda)
}

/** Undefined where no split helps. Equal splits: the first feature, its lowest cut. */
export function findBestSplit(
  histogram: Float64Array,
  layout: HistogramLayout,
  node: Sums,
  rules: SplitRules,
): Split | undefined {
  const { gradient, hessian } = node
  // Sums by subtraction leave a trace of rounding where no row is.
  const childMin = Math.max(rules.min_child_weight, 1e-9 * hessian)
  if (hessian < 2 * childMin) return undefined
  const own = score(gradient, hessian, rules)
  let best = own + GAIN_MIN
  let bestPlace = -1
  let bestCut = -1
  let bestMissingLeft = false
  for (let place = 0; place < layout.columns.length; place++) {
    const { cuts, missingCode } = layout.columns[place] as BinnedColumn
    const start = layout.starts[place] as number
    const missingGradient = histogram[start + 2 * missingCode] as number
    const missingHessian = histogram[start + 2 * missingCode + 1] as number
    const hasMissing = missingHessian > 0
    let leftGradient = 0
    let leftHessian = 0
    for (let cut = 0; cut < cuts.length; cut++) {
      const binHessian = histogram[start + 2 * cut + 1] as number
      if (binHessian === 0) continue
      leftGradient += histogram[start + 2 * cut] as number
      leftHessian += binHessian
      if (leftHessian >= childMin && hessian - leftHessian >= childMin) {
        const sum =
          score(leftGradient, leftHessian, rules) + score(gradient - leftGradient, hessian - leftHessian, rules)
        if (sum > best) {
          best = sum
          bestPlace = place
          bestCut = cut
          // Where no row can tell, a missing value goes with most rows.
          bestMissingLeft = !hasMissing && 2 * leftHessian >= hessian
        }
      }
      if (!hasMissing) continue
      const withHessian = leftHessian + missingHessian
      if (withHessian >= childMin && hessian - withHessian >= childMin) {
        const withGradient = leftGradient + missingGradient
        const sum =
          score(withGradient, withHessian, rules) + score(gradient - withGradient, hessian - withHessian, rules)
        if (sum > best) {
          best = sum
          bestPlace = place
          bestCut = cut
          bestMissingLeft = true
        }
      }
    }
  }
  return bestPlace < 0 ? undefined : { place: bestPlace, cut: bestCut, missingLeft: bestMissingLeft, gain: best - own }
}
