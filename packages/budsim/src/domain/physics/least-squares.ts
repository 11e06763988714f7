/**
 * Non-linear least squares with a soft-L1 loss on data, 2·s²·(√(1 + (r/s)²) − 1) per residual, and a plain one on
 * priors: Levenberg-Marquardt on residuals re-weighted at every step, derivatives by forward differences. Small and
 * dense: tens of parameters.
 */
export interface LeastSquaresProblem {
  start: Float64Array
  /** Writes all residuals for these parameters. */
  residuals(parameters: Float64Array, into: Float64Array): void
  /** Residuals of data come first, those of priors after them. */
  dataCount: number
  priorCount: number
  /** Data residuals larger than this count linearly. */
  softness: number
  steps: number
}

const DIFFERENCE = 1e-5
const STARTING_DAMPING = 1e-2
const SMALLEST_GAIN = 1e-7

export function fitLeastSquares(problem: LeastSquaresProblem): Float64Array {
  const { dataCount, softness, steps } = problem
  const count = dataCount + problem.priorCount
  const size = problem.start.length
  let parameters = Float64Array.from(problem.start)
  const residuals = new Float64Array(count)
  const trial = new Float64Array(count)
  const jacobian = new Float64Array(size * count)
  problem.residuals(parameters, residuals)
  let cost = costOf(residuals, dataCount, softness)
  let damping = STARTING_DAMPING
  for (let step = 0; step < steps; step++) {
    differentiate(problem, parameters, residuals, jacobian, trial)
    const { hessian, gradient } = normalEquations(
      jacobian,
      residuals,
      rowWeights(residuals, dataCount, softness),
      size,
      count,
    )
    let improved = false
    for (let attempt = 0; attempt < 8 && !improved; attempt++) {
      const move = solveDamped(hessian, gradient, damping, size)
      const next = parameters.map((value, i) => value - (move[i] ?? 0))
      problem.residuals(next, trial)
      const nextCost = costOf(trial, dataCount, softness)
      if (nextCost < cost) {
        improved = true
        damping = Math.max(damping / 5, 1e-9)
        const gain = (cost - nextCost) / cost
        parameters = next
        residuals.set(trial)
        cost = nextCost
        if (gain < SMALLEST_GAIN) return parameters
      } else damping *= 4
    }
    if (!improved) return parameters
  }
  return parameters
}

function costOf(residuals: Float64Array, dataCount: number, softness: number): number {
  let data = 0
  let priors = 0
  for (let i = 0; i < residuals.length; i++) {
    const residual = residuals[i] ?? 0
    if (i < dataCount) data += 2 * (Math.sqrt(1 + (residual / softness) ** 2) - 1)
    else priors += residual * residual
  }
  return data * softness * softness + priors
}

const rowWeights = (residuals: Float64Array, dataCount: number, softness: number): Float64Array =>
  residuals.map((residual, i) => (i < dataCount ? 1 / Math.sqrt(1 + (residual / softness) ** 2) : 1))

function differentiate(
  problem: LeastSquaresProblem,
  parameters: Float64Array,
  residuals: Float64Array,
  jacobian: Float64Array,
  trial: Float64Array,
): void {
  const count = residuals.length
  const moved = Float64Array.from(parameters)
  for (let j = 0; j < parameters.length; j++) {
    const at = parameters[j] ?? 0
    moved[j] = at + DIFFERENCE
    problem.residuals(moved, trial)
    moved[j] = at
    for (let i = 0; i < count; i++) {
      jacobian[j * count + i] = ((trial[i] ?? 0) - (residuals[i] ?? 0)) / DIFFERENCE
    }
  }
}

function normalEquations(
  jacobian: Float64Array,
  residuals: Float64Array,
  weights: Float64Array,
  size: number,
  count: number,
): { hessian: Float64Array; gradient: Float64Array } {
  const hessian = new Float64Array(size * size)
  const gradient = new Float64Array(size)
  for (let a = 0; a < size; a++) {
    const rowA = jacobian.subarray(a * count, (a + 1) * count)
    let g = 0
    for (let i = 0; i < count; i++) g += (rowA[i] ?? 0) * (residuals[i] ?? 0) * (weights[i] ?? 0)
    gradient[a] = g
    for (let b = 0; b <= a; b++) {
      const rowB = jacobian.subarray(b * count, (b + 1) * count)
      let h = 0
      for (let i = 0; i < count; i++) h += (rowA[i] ?? 0) * (rowB[i] ?? 0) * (weights[i] ?? 0)
      hessian[a * size + b] = h
      hessian[b * size + a] = h
    }
  }
  return { hessian, gradient }
}

/** (H + damping · diag(H)) x = g by Gaussian elimination with pivoting. */
function solveDamped(hessian: Float64Array, gradient: Float64Array, damping: number, size: number): Float64Array {
  const rows = Array.from({ length: size }, (_, i) => {
    const row = new Float64Array(size + 1)
    for (let j = 0; j < size; j++) row[j] = hessian[i * size + j] ?? 0
    row[i] = (row[i] ?? 0) * (1 + damping) + 1e-12
    row[size] = gradient[i] ?? 0
    return row
  })
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let i = column + 1; i < size; i++) {
      if (Math.abs(rows[i]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = i
    }
    const top = rows[pivot]
    const swapped = rows[column]
    if (!top || !swapped) continue
    rows[pivot] = swapped
    rows[column] = top
    const lead = top[column] || 1e-12
    for (let i = column + 1; i < size; i++) {
      const row = rows[i]
      if (!row) continue
      const factor = (row[column] ?? 0) / lead
      if (factor === 0) continue
      for (let j = column; j <= size; j++) row[j] = (row[j] ?? 0) - factor * (top[j] ?? 0)
    }
  }
  const solution = new Float64Array(size)
  for (let i = size - 1; i >= 0; i--) {
    const row = rows[i]
    let value = row?.[size] ?? 0
    for (let j = i + 1; j < size; j++) value -= (row?.[j] ?? 0) * (solution[j] ?? 0)
    solution[i] = value / (row?.[i] || 1e-12)
  }
  return solution
}
