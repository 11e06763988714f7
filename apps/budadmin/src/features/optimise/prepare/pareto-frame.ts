/** Where things of the Pareto chart lie, in pixels. */
import type { ParetoPoint } from './pareto.ts'

export const HEIGHT = 300

export interface Frame {
  left: number
  top: number
  /** Of the plot itself, without the lane. */
  width: number
  height: number
  /** Of the lane for what has no price; 0 without one. */
  lane: number
}

const MARGIN = { left: 62, right: 14, top: 14, bottom: 44 }
const LANE_SHARE = 0.2

export function toFrame(width: number, hasLane: boolean): Frame {
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right)
  const lane = hasLane ? Math.round(inner * LANE_SHARE) : 0
  return {
    left: MARGIN.left,
    top: MARGIN.top,
    width: inner - lane,
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
    lane,
  }
}

export const leftOf = (place: number, { left, width }: Frame): number => left + place * width
export const topOf = (place: number, { top, height }: Frame): number => top + (1 - place) * height

export function pixelsOf({ x, lane, y }: ParetoPoint, frame: Frame): { left: number; top: number } {
  const left = x === undefined ? frame.left + frame.width + (lane ?? 0.5) * frame.lane : leftOf(x, frame)
  return { left, top: topOf(y, frame) }
}

/** Stairs through the points that are best in both figures: from each, the next dearer one is reached along its cost. */
export function toStairs(points: readonly ParetoPoint[], frame: Frame): string {
  const edge = points.filter((point) => point.edge && point.x !== undefined).sort((a, b) => (a.x ?? 0) - (b.x ?? 0))
  return edge
    .map((point, index) => {
      const { left, top } = pixelsOf(point, frame)
      return index === 0 ? `M${left} ${top}` : `H${left}V${top}`
    })
    .join('')
}
