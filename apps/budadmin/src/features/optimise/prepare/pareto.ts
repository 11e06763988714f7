/** The Pareto front as a chart: cost against latency or throughput, the recommended point marked. */
import type { Optimization } from '@bud/contract'
import type { Candidate, Estimate } from '@bud/kernel'
import { formatFigure, formatInteger, formatMs, formatUsd, plural } from '../../../prepare/format.ts'
import { costText, describeConfiguration } from './result.ts'
import { type Scale, toScale } from './scale.ts'
import { formatInterval } from './targets.ts'

export const paretoAxes = ['latency', 'throughput'] as const
export type ParetoAxis = (typeof paretoAxes)[number]

export interface ParetoPoint {
  /** Index into the front. */
  index: number
  name: string
  cost: string
  latency: string
  throughput: string
  perMillion: string
  /** The figure on the y axis with its interval. */
  figure: string
  recommended: boolean
  /** No other point is as good in both figures that the chart shows. */
  edge: boolean
  /** Places, 0–1. `x` undefined: no price, drawn in a lane of its own at `lane`. */
  x: number | undefined
  lane: number | undefined
  y: number
  low: number | undefined
  high: number | undefined
}

export interface ParetoTick {
  place: number
  label: string
}

export interface ParetoView {
  points: ParetoPoint[]
  xTitle: string
  yTitle: string
  xTicks: ParetoTick[]
  yTicks: ParetoTick[]
  /** Some have a price and some have none. */
  hasLane: boolean
  /** The chart in a sentence, for those who do not see it. */
  summary: string
}

interface AxisKind {
  title: string
  estimate: (candidate: Candidate) => Estimate
  format: (value: number) => string
  better: 'less' | 'more'
}

const axes: Record<ParetoAxis, AxisKind> = {
  latency: {
    title: 'End-to-end latency, p99',
    estimate: ({ prediction }) => prediction.e2e_ms_p99,
    format: formatMs,
    better: 'less',
  },
  throughput: {
    title: 'Output tokens/s at most',
    estimate: ({ prediction }) => prediction.max_output_tokens_per_s,
    format: formatFigure,
    better: 'more',
  },
}

/** undefined: a search from before fronts were kept, or one that found a single point. */
export function toParetoView(result: Optimization, axis: ParetoAxis): ParetoView | undefined {
  const front = result.pareto ?? []
  if (front.length < 2) return undefined
  const kind = axes[axis]
  const priced = front.some((point) => costOf(point) !== null)
  const worth = (point: Candidate) => (priced ? costOf(point) : point.prediction.gpus)
  const x = toScale(front.map(worth).filter((value) => value !== null))
  const y = toScale(front.flatMap((point) => spanOf(kind.estimate(point))))
  const lane = toLane(front.filter((point) => worth(point) === null))
  const recommended = JSON.stringify(result.candidates[0]?.deployment)
  const points = front.map((point, index) => ({
    ...toTexts(point, kind),
    index,
    recommended: JSON.stringify(point.deployment) === recommended,
    edge: isEdge(point, front, worth, kind),
    ...toPlaces(point, worth(point), { x, y, lane, kind }),
  }))
  return {
    points,
    xTitle: priced ? 'Cost per hour' : 'GPUs (no price known)',
    yTitle: kind.title,
    xTicks: toTicks(x, priced ? toUsdTick : formatInteger),
    yTicks: toTicks(y, kind.format),
    hasLane: lane.size > 0,
    summary: `${plural(points.length, 'configuration')}: ${priced ? 'cost per hour' : 'GPUs'} against ${kind.title.toLowerCase()}`,
  }
}

const costOf = ({ prediction }: Candidate): number | null => prediction.cost_usd_per_hour

const spanOf = ({ value, low, high }: Estimate): number[] => [value, low ?? value, high ?? value]

const toUsdTick = (value: number): string => (Number.isInteger(value) ? `$${formatInteger(value)}` : formatUsd(value))

const toTicks = ({ place, ticks }: Scale, format: (value: number) => string): ParetoTick[] =>
  ticks.map((value) => ({ place: place(value), label: format(value) }))

/** Those without a price stand side by side, the smallest first. */
function toLane(unpriced: readonly Candidate[]): Map<Candidate, number> {
  const sorted = [...unpriced].sort((a, b) => a.prediction.gpus - b.prediction.gpus)
  return new Map(sorted.map((point, rank) => [point, (rank + 0.5) / sorted.length]))
}

function toTexts(point: Candidate, kind: AxisKind) {
  const { prediction } = point
  const estimate = kind.estimate(point)
  const interval = formatInterval(estimate, kind.format)
  return {
    name: describeConfiguration(point.deployment),
    cost: costText(costOf(point)),
    latency: formatMs(prediction.e2e_ms_p99.value),
    throughput: formatFigure(prediction.max_output_tokens_per_s.value),
    perMillion: formatUsd(prediction.cost_usd_per_million_output_tokens),
    figure: `${kind.title} ${kind.format(estimate.value)}${interval ? ` (80 %: ${interval})` : ''}`,
  }
}

interface Places {
  x: Scale
  y: Scale
  lane: Map<Candidate, number>
  kind: AxisKind
}

function toPlaces(point: Candidate, worth: number | null, { x, y, lane, kind }: Places) {
  const { value, low, high } = kind.estimate(point)
  return {
    x: worth === null ? undefined : x.place(worth),
    lane: lane.get(point),
    y: y.place(value),
    low: low === null ? undefined : y.place(low),
    high: high === null ? undefined : y.place(high),
  }
}

function isEdge(
  point: Candidate,
  front: readonly Candidate[],
  worth: (point: Candidate) => number | null,
  { estimate, better }: AxisKind,
): boolean {
  const cost = worth(point)
  if (cost === null) return false
  const figure = (one: Candidate) => estimate(one).value * (better === 'less' ? 1 : -1)
  return !front.some((other) => {
    const price = worth(other)
    return other !== point && price !== null && price <= cost && figure(other) < figure(point)
  })
}
