/** Measured points as a complete grid: holes filled by their neighbours, dents smoothed out. */
import type { TimeGrid } from '../../domain/kernels/kernel-data.ts'
import type { Point } from './read-table.ts'
import { toDigits } from './report.ts'

export interface GridPlan<Axis extends string> {
  /** Sizes to keep, outermost axis first. */
  axes: Readonly<Record<Axis, readonly number[]>>
  /** Least time at datasheet rates; holes take their neighbours' share of it. */
  roof(sizes: readonly number[]): number
  /** Axes along which more work never takes less time: a smaller size can always be padded. */
  rising: readonly NoInfer<Axis>[]
}

/** What the roofline lacks at small sizes. */
const LAUNCH_US = 2
const DIGITS = 3
/** Of pooling along each axis in turn. */
const ROUNDS = 4

/** Several points in one cell give their lower quartile: slow ones ran where no good kernel was at hand. */
export function toTimeGrid<Axis extends string>(points: readonly Point[], plan: GridPlan<Axis>): TimeGrid {
  const cells = new Map<string, number[]>()
  for (const { sizes, us } of points) {
    const key = sizes.join()
    const times = cells.get(key)
    if (times) times.push(us)
    else cells.set(key, [us])
  }
  const names = Object.keys(plan.axes) as Axis[]
  const axes = names.map((name, axis) => {
    const measured = new Set(points.map(({ sizes }) => sizes[axis]))
    return plan.axes[name].filter((size) => measured.has(size))
  })
  const positions = product(axes)
  const shares = positions.map((sizes) => {
    const times = cells.get(sizes.join())
    return times ? Math.log(lowerQuartile(times) / (plan.roof(sizes) + LAUNCH_US)) : Number.NaN
  })
  const filled = fillHoles(shares, axes)
  const times = filled.map((share, at) => Math.exp(share) * (plan.roof(positions[at] ?? []) + LAUNCH_US))
  for (let round = 0; round < ROUNDS; round++) for (const name of plan.rising) pool(times, axes, names.indexOf(name))
  for (const name of plan.rising) settle(times, axes, names.indexOf(name))
  return {
    axes: Object.fromEntries(names.map((name, axis) => [name, axes[axis] ?? []])),
    microseconds: times.map((us) => toDigits(us, DIGITS)),
  }
}

/** Every combination of sizes, the last axis running fastest. */
function product(axes: readonly (readonly number[])[]): number[][] {
  return axes.reduce<number[][]>((rows, sizes) => rows.flatMap((row) => sizes.map((size) => [...row, size])), [[]])
}

export function lowerQuartile(times: readonly number[]): number {
  const ordered = times.toSorted((a, b) => a - b)
  return ordered[Math.floor((ordered.length - 1) / 4)] ?? 1
}

const strideOf = (axes: readonly (readonly number[])[], axis: number): number =>
  axes.slice(axis + 1).reduce((cells, sizes) => cells * sizes.length, 1)

/** Repeatedly gives every hole the mean of its known direct neighbours. */
function fillHoles(values: readonly number[], axes: readonly (readonly number[])[]): number[] {
  const lines = axes.map((sizes, axis) => ({ count: sizes.length, stride: strideOf(axes, axis) }))
  let current = [...values]
  while (current.some(Number.isNaN)) {
    const known = current
    current = known.map((value, at) => {
      if (!Number.isNaN(value)) return value
      let sum = 0
      let neighbours = 0
      for (const { count, stride } of lines) {
        const index = Math.floor(at / stride) % count
        for (const to of [index > 0 ? at - stride : -1, index < count - 1 ? at + stride : -1]) {
          const share = known[to] ?? Number.NaN
          if (Number.isNaN(share)) continue
          sum += share
          neighbours++
        }
      }
      return neighbours === 0 ? value : sum / neighbours
    })
  }
  return current
}

/** Isotonic regression of the logarithms along one axis: neighbours that fall share their mean. */
export function pool(times: number[], axes: readonly (readonly number[])[], axis: number): void {
  const stride = strideOf(axes, axis)
  const count = axes[axis]?.length ?? 1
  for (let start = 0; start < times.length; start++) {
    if (Math.floor(start / stride) % count !== 0) continue
    const blocks: { sum: number; size: number }[] = []
    for (let i = 0; i < count; i++) {
      let block = { sum: Math.log(times[start + i * stride] ?? 1), size: 1 }
      for (let last = blocks.at(-1); last && last.sum / last.size > block.sum / block.size; last = blocks.at(-1)) {
        block = { sum: block.sum + last.sum, size: block.size + last.size }
        blocks.pop()
      }
      blocks.push(block)
    }
    const means = blocks.flatMap(({ sum, size }) => Array.from({ length: size }, () => Math.exp(sum / size)))
    for (const [i, us] of means.entries()) times[start + i * stride] = us
  }
}

/** Removes what pooling along other axes left of a fall. */
function settle(times: number[], axes: readonly (readonly number[])[], axis: number): void {
  const stride = strideOf(axes, axis)
  const count = axes[axis]?.length ?? 1
  for (let at = times.length - 1; at >= 0; at--) {
    if (Math.floor(at / stride) % count === count - 1) continue
    times[at] = Math.min(times[at] ?? 0, times[at + stride] ?? 0)
  }
}
