/**
 * Many observations of nearly one load become one that weighs more: an endpoint watched for a month says little more
 * about a load than one watched for a day, and every prediction pays for each observation that is kept.
 */
import { TARGETS, type Target } from '../physics/calibrated.ts'
import { groupOf, type LogResiduals, type Observation, type Place } from './observation.ts'

/** Loads closer than this in the logarithm are one. */
const CELL = 0.15
const HALF_LIFE_MS = 30 * 86_400_000
/** Beyond this many, more measurements of one load tell nothing new: what is left is no noise. */
const MOST_WEIGHT = 20

/** As few observations that say the same: what a version of a refinement needs to keep. */
export const condensed = (observations: readonly Observation[]): Observation[] =>
  [...condense(observations).values()].flat()

/** By group (`groupOf`); older observations count for less, by the age they have before the group's newest. */
export function condense(observations: readonly Observation[]): Map<string, Observation[]> {
  const groups = Map.groupBy(observations, ({ place }) => groupOf(place))
  return new Map([...groups].map(([key, members]) => [key, condenseGroup(members)]))
}

function condenseGroup(members: readonly Observation[]): Observation[] {
  const newestMs = members.reduce((newest, { observedAtMs }) => Math.max(newest, observedAtMs), 0)
  const cells = Map.groupBy(members, ({ place }) => cellOf(place))
  return [...cells.values()].map((cell) => condenseCell(cell, newestMs))
}

function condenseCell(cell: readonly Observation[], newestMs: number): Observation {
  const aged = cell.map((one) => ({
    ...one,
    weight: one.weight * 0.5 ** ((newestMs - one.observedAtMs) / HALF_LIFE_MS),
  }))
  const latest = aged.reduce((a, b) => (b.observedAtMs > a.observedAtMs ? b : a))
  const weight = aged.reduce((sum, one) => sum + one.weight, 0)
  return {
    place: latest.place,
    residuals: Object.fromEntries(TARGETS.map((target) => [target, median(aged, target)])) as LogResiduals,
    weight: Math.min(weight, MOST_WEIGHT),
    observedAtMs: latest.observedAtMs,
    count: cell.reduce((sum, { count = 1 }) => sum + count, 0),
  }
}

/** Weighted, so that one bad window among several moves nothing; null where none was measured. */
function median(cell: readonly Observation[], target: Target): number | null {
  const values = cell
    .flatMap(({ residuals, weight }) => (residuals[target] === null ? [] : [{ value: residuals[target], weight }]))
    .sort((a, b) => a.value - b.value)
  const half = values.reduce((sum, { weight }) => sum + weight, 0) / 2
  let below = 0
  for (const [i, { value, weight }] of values.entries()) {
    below += weight
    if (below > half) return value
    if (below === half) return (value + (values[i + 1]?.value ?? value)) / 2
  }
  return values.at(-1)?.value ?? null
}

const step = (ln: number): number => Math.round(ln / CELL)

const cellOf = (place: Place): string =>
  [
    place.tensorParallel,
    place.dataParallel,
    place.expertParallel,
    place.engineVersion,
    step(place.lnBatch),
    step(place.lnInput),
    step(place.lnOutput),
  ].join(' ')
