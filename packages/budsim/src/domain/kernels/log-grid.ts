/** Measured times on a grid of sizes, interpolated in the logarithms of sizes and time. */
import type { TimeGrid } from './kernel-data.ts'
import { createLogAxis, type LogAxis } from './log-axis.ts'

/** Axes outermost first; `logs` are natural logarithms of microseconds, the last axis running fastest. */
export interface LogGrid {
  readonly axes: readonly (readonly number[])[]
  readonly logs: Float64Array
}

/** Kept per grid: every layout of every model is bound to the same few. */
const known = new WeakMap<TimeGrid, LogGrid>()

export function toLogGrid(grid: TimeGrid): LogGrid {
  const kept = known.get(grid)
  if (kept) return kept
  const made = { axes: Object.values(grid.axes), logs: Float64Array.from(grid.microseconds, Math.log) }
  known.set(grid, made)
  return made
}

/** The grid at one size of its first axis; a size outside takes the nearest. */
export function atFirst({ axes, logs }: LogGrid, size: number): LogGrid {
  const [sizes = [1], ...inner] = axes
  const stride = logs.length / sizes.length
  const upper = sizes.findIndex((knot) => knot >= size)
  if (upper <= 0) {
    const from = upper < 0 ? logs.length - stride : 0
    return { axes: inner, logs: logs.slice(from, from + stride) }
  }
  const [low, high] = [sizes[upper - 1] ?? 1, sizes[upper] ?? 1]
  const share = Math.log(size / low) / Math.log(high / low)
  const from = upper * stride
  const mixed = logs.slice(from, from + stride)
  for (let i = 0; i < stride; i++) mixed[i] = mix(logs[from - stride + i] ?? 0, mixed[i] ?? 0, share)
  return { axes: inner, logs: mixed }
}

const LEAST_WORK_US = 0.2

/** What launching and waiting take on any GPU, as the smallest sizes show it. */
export function launchOf({ logs }: LogGrid): number {
  return Math.exp(logs[0] ?? 0) - LEAST_WORK_US
}

/** Every time's part above `launchUs` multiplied by `ratio` of the sizes at its point. */
export function scaled({ axes, logs }: LogGrid, launchUs: number, ratio: (...sizes: number[]) => number): LogGrid {
  const sizes = axes.map((axis) => axis[0] ?? 1)
  const carried = logs.map((log, at) => {
    let rest = at
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const knots = axes[axis] ?? []
      sizes[axis] = knots[rest % knots.length] ?? 1
      rest = Math.floor(rest / knots.length)
    }
    return Math.log(launchUs + Math.max(Math.exp(log) - launchUs, LEAST_WORK_US) * ratio(...sizes))
  })
  return { axes, logs: carried }
}

/** A grid of two axes as a function: the smallest size below it, proportional above it. */
export function bindPlane({ axes, logs }: LogGrid): (outer: number, inner: number) => number {
  const [outerAxis, innerAxis] = [createLogAxis(axes[0] ?? []), createLogAxis(axes[1] ?? [])]
  const stride = axes[1]?.length ?? 1
  return (outer, inner) => {
    const logOuter = Math.log(clamp(outer, outerAxis))
    const logInner = Math.log(clamp(inner, innerAxis))
    const outerCell = outerAxis.cellOf(logOuter)
    const innerCell = innerAxis.cellOf(logInner)
    const share = shareOf(innerAxis.logs, innerCell, logInner)
    const corner = outerCell * stride + innerCell
    const log = mix(
      edge(logs, corner, share),
      edge(logs, corner + stride, share),
      shareOf(outerAxis.logs, outerCell, logOuter),
    )
    return Math.exp(log) * beyond(outer, outerAxis) * beyond(inner, innerAxis)
  }
}

/** The same with three axes. */
export function bindSpace({ axes, logs }: LogGrid): (outer: number, middle: number, inner: number) => number {
  const [outerAxis, middleAxis, innerAxis] = [0, 1, 2].map((i) => createLogAxis(axes[i] ?? [])) as [
    LogAxis,
    LogAxis,
    LogAxis,
  ]
  const stride = axes[2]?.length ?? 1
  const outerStride = (axes[1]?.length ?? 1) * stride
  return (outer, middle, inner) => {
    const logOuter = Math.log(clamp(outer, outerAxis))
    const logMiddle = Math.log(clamp(middle, middleAxis))
    const logInner = Math.log(clamp(inner, innerAxis))
    const outerCell = outerAxis.cellOf(logOuter)
    const middleCell = middleAxis.cellOf(logMiddle)
    const innerCell = innerAxis.cellOf(logInner)
    const middleShare = shareOf(middleAxis.logs, middleCell, logMiddle)
    const share = shareOf(innerAxis.logs, innerCell, logInner)
    const near = outerCell * outerStride + middleCell * stride + innerCell
    const far = near + outerStride
    const log = mix(
      mix(edge(logs, near, share), edge(logs, near + stride, share), middleShare),
      mix(edge(logs, far, share), edge(logs, far + stride, share), middleShare),
      shareOf(outerAxis.logs, outerCell, logOuter),
    )
    return Math.exp(log) * beyond(outer, outerAxis) * beyond(middle, middleAxis) * beyond(inner, innerAxis)
  }
}

const clamp = (size: number, axis: LogAxis): number => Math.min(Math.max(size, axis.first), axis.last)
const beyond = (size: number, axis: LogAxis): number => (size > axis.last ? size / axis.last : 1)
const mix = (low: number, high: number, share: number): number => low + (high - low) * share

function shareOf(logs: Float64Array, cell: number, log: number): number {
  const low = logs[cell] ?? 0
  return (log - low) / ((logs[cell + 1] ?? 0) - low)
}

function edge(logs: Float64Array, at: number, share: number): number {
  return mix(logs[at] ?? 0, logs[at + 1] ?? 0, share)
}
