/** Robust least squares on the logarithm of times: Levenberg–Marquardt with reweighting (soft L1). */

export interface Bounds {
  start: number
  least: number
  most: number
}

export interface Fitted {
  parameters: number[]
  rows: number
  median_error: number
  mean_error: number
}

/** |log error| from which a row counts less than by its square. */
const SOFT_SCALE = 0.2
const ITERATIONS = 120
const STEP = 1e-5

/** Fits positive parameters (their logarithms, within bounds) so that `predict(parameters, row)` meets `times[row]`. */
export function fitTimes(
  times: readonly number[],
  bounds: readonly Bounds[],
  predict: (parameters: readonly number[], row: number) => number,
): Fitted {
  const logs = times.map(Math.log)
  const residuals = (point: readonly number[]): Float64Array => {
    const parameters = point.map(Math.exp)
    return Float64Array.from(logs, (log, row) => Math.log(predict(parameters, row)) - log)
  }
  let point = bounds.map(({ start }) => Math.log(start))
  let errors = residuals(point)
  let loss = lossOf(errors)
  let damping = 1e-3
  for (let iteration = 0; iteration < ITERATIONS && damping < 1e9; iteration++) {
    const jacobian = point.map((value, i) => {
      const moved = residuals(point.with(i, value + STEP))
      return moved.map((error, row) => (error - (errors[row] ?? 0)) / STEP)
    })
    const before = loss
    while (damping < 1e9) {
      const step = solveStep(jacobian, errors, damping)
      const next = point.map((value, i) => clampLog(value + (step[i] ?? 0), bounds[i]))
      const nextErrors = residuals(next)
      const nextLoss = lossOf(nextErrors)
      if (nextLoss < loss) {
        ;[point, errors, loss] = [next, nextErrors, nextLoss]
        damping = Math.max(damping / 5, 1e-9)
        break
      }
      damping *= 4
    }
    if (before - loss < 1e-9 * before) break
  }
  return { parameters: point.map(Math.exp), ...errorsOf(errors) }
}

export function errorsOf(logErrors: Float64Array): Omit<Fitted, 'parameters'> {
  const errors = logErrors.map((error) => Math.abs(Math.exp(error) - 1)).sort()
  const middle = errors.length / 2
  return {
    rows: errors.length,
    median_error: ((errors[Math.ceil(middle - 1)] ?? 0) + (errors[Math.floor(middle)] ?? 0)) / 2,
    mean_error: errors.reduce((sum, error) => sum + error, 0) / errors.length,
  }
}

function lossOf(errors: Float64Array): number {
  let loss = 0
  for (const error of errors) loss += Math.sqrt(1 + (error / SOFT_SCALE) ** 2) - 1
  return loss
}

function clampLog(value: number, bounds: Bounds | undefined): number {
  if (bounds === undefined) return value
  return Math.min(Math.max(value, Math.log(bounds.least)), Math.log(bounds.most))
}

/** Solves (JᵀWJ + damping·diag) step = −JᵀWe. */
function solveStep(jacobian: readonly Float64Array[], errors: Float64Array, damping: number): number[] {
  const weights = errors.map((error) => 1 / Math.sqrt(1 + (error / SOFT_SCALE) ** 2))
  const matrix = jacobian.map((column) => [
    ...jacobian.map((other) => weightedDot(column, other, weights)),
    -weightedDot(column, errors, weights),
  ])
  for (const [i, row] of matrix.entries()) {
    row[i] = (row[i] ?? 0) * (1 + damping) + 1e-9
  }
  return eliminate(matrix)
}

function weightedDot(a: Float64Array, b: Float64Array, weights: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0) * (weights[i] ?? 0)
  return sum
}

/** Gauss–Jordan on an augmented positive definite matrix. */
function eliminate(matrix: number[][]): number[] {
  const size = matrix.length
  for (let pivot = 0; pivot < size; pivot++) {
    const row = matrix[pivot] ?? []
    const scale = row[pivot] ?? 1
    for (let column = pivot; column <= size; column++) row[column] = (row[column] ?? 0) / scale
    for (const other of matrix) {
      if (other === row) continue
      const factor = other[pivot] ?? 0
      for (let column = pivot; column <= size; column++)
        other[column] = (other[column] ?? 0) - factor * (row[column] ?? 0)
    }
  }
  return matrix.map((row) => row[size] ?? 0)
}
