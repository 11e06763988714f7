/** XGBoost's choice of a split: the cut, and the side of the missing values, that lower the regularised loss most. */
import type { BinnedColumn } from './bin-columns.ts'
import type { HistogramLayout } from './histogram.ts'

export interface SplitRules {
  /** L2 and L1 penalty of leaf values. */
  lambda: number
  alpha: number
  /** Each side must weigh as much. */
  min_child_weight: number
}

/** Of the rows of a node. */
export interface Sums {
  gradient: number
  hessian: number
}

export interface Split {
  /** The feature's index in the layout. */
  place: number
  cut: number
  missingLeft: boolean
  gain: number
  /** Of the rows that go to the left. */
  left: Sums
}

/** XGBoost's: a smaller gain is noise. */
const GAIN_MIN = 1e-6

/** −T(G) / (H + λ), where T moves G by α towards 0: the value that minimises the regularised loss of a node's rows. */
export function leafWeight({ gradient, hessian }: Sums, { lambda, alpha }: SplitRules): number {
  return hessian > 0 ? shrink(-gradient, alpha) / (hessian + lambda) : 0
}

function shrink(gradient: number, alpha: number): number {
  if (gradient > alpha) return gradient - alpha
  return gradient < -alpha ? gradient + alpha : 0
}

/**
 * Maximises T(G_left)² / (H_left + λ) + T(G_right)² / (H_right + λ). Undefined where no split helps; of equal splits
 * the first feature's lowest cut.
 */
export function findBestSplit(
  histogram: Float64Array,
  layout: HistogramLayout,
  { gradient, hessian }: Sums,
  { lambda, alpha, min_child_weight }: SplitRules,
): Split | undefined {
  // Sums by subtraction leave a trace of rounding where no row is.
  const childMin = Math.max(min_child_weight, 1e-9 * hessian)
  if (hessian < 2 * childMin) return undefined
  const own = shrink(gradient, alpha) ** 2 / (hessian + lambda)
  // The best sum is kept as a fraction, so that comparing needs no division.
  let bestOver = own + GAIN_MIN
  let bestUnder = 1
  let best: Omit<Split, 'gain'> | undefined
  for (let place = 0; place < layout.columns.length; place++) {
    const { cuts, missingCode } = layout.columns[place] as BinnedColumn
    const start = layout.starts[place] as number
    const missingGradient = histogram[start + 2 * missingCode] as number
    const missingHessian = histogram[start + 2 * missingCode + 1] as number
    for (let side = 0; side < (missingHessian > 0 ? 2 : 1); side++) {
      let leftGradient = side * missingGradient
      let leftHessian = side * missingHessian
      for (let cut = 0; cut < cuts.length; cut++) {
        leftGradient += histogram[start + 2 * cut] as number
        leftHessian += histogram[start + 2 * cut + 1] as number
        const rightHessian = hessian - leftHessian
        if (leftHessian < childMin) continue
        if (rightHessian < childMin) break
        const left = alpha === 0 ? leftGradient : shrink(leftGradient, alpha)
        const right = alpha === 0 ? gradient - leftGradient : shrink(gradient - leftGradient, alpha)
        const over = left * left * (rightHessian + lambda) + right * right * (leftHessian + lambda)
        const under = (leftHessian + lambda) * (rightHessian + lambda)
        if (over * bestUnder <= bestOver * under) continue
        bestOver = over
        bestUnder = under
        // Where no row can tell, a missing value goes with most rows.
        const missingLeft = missingHessian > 0 ? side === 1 : leftHessian >= rightHessian
        best = { place, cut, missingLeft, left: { gradient: leftGradient, hessian: leftHessian } }
      }
    }
  }
  return best && { ...best, gain: bestOver / bestUnder - own }
}
