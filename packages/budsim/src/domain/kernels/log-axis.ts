/** Grid axes in the logarithm of a size, with the cell of a value found in constant time. */

export interface LogAxis {
  readonly first: number
  readonly last: number
  /** Natural logarithms of the knots. */
  readonly logs: Float64Array
  /** Index of the knot at or below a logarithm inside the axis; never the last knot. */
  cellOf(log: number): number
}

/** `sizes` ascend; at least two. */
export function createLogAxis(sizes: readonly number[]): LogAxis {
  const logs = Float64Array.from(sizes, Math.log)
  const start = logs[0] ?? 0
  const end = logs[logs.length - 1] ?? 0
  let narrowest = end - start
  for (let i = 1; i < logs.length; i++) narrowest = Math.min(narrowest, (logs[i] ?? 0) - (logs[i - 1] ?? 0))
  // Buckets no wider than the narrowest cell hold at most one knot, so one comparison settles the cell.
  const buckets = Math.ceil((end - start) / narrowest) + 1
  const perBucket = (buckets - 1) / (end - start)
  const cells = new Uint16Array(buckets)
  for (let bucket = 0, cell = 0; bucket < buckets; bucket++) {
    const low = start + bucket / perBucket
    while (cell < logs.length - 2 && (logs[cell + 1] ?? 0) <= low) cell++
    cells[bucket] = cell
  }
  const lastCell = logs.length - 2
  return {
    first: sizes[0] ?? 1,
    last: sizes[sizes.length - 1] ?? 1,
    logs,
    cellOf(log) {
      const cell = cells[((log - start) * perBucket) | 0] ?? lastCell
      return cell < lastCell && log >= (logs[cell + 1] ?? 0) ? cell + 1 : cell
    },
  }
}
