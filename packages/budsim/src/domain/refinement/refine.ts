/**
 * Observations to corrections. A refinement is made once from all observations there are; offsets are then asked for
 * case by case, and what a group's observations say is worked out when the group is first asked about.
 */
import { TARGETS, type Target } from '../physics/calibrated.ts'
import { condense } from './condense.ts'
import { ERROR_MODELS, sharedPart } from './correlation.ts'
import { groupOf, type Observation, type Place } from './observation.ts'
import { createPosterior, type Posterior, type Sample } from './posterior.ts'

/** What is known about the errors of one group. */
export interface GroupRefinement {
  /** Observations of the group and its neighbours that speak here. */
  observations: number
  at(target: Target, place: Place): Posterior
}

export interface Refinement {
  /** Name of the version, e.g. "refinement-4". */
  id: string
  observations: number
  /** Undefined where no observation says anything about the place's group. */
  groupAt(place: Place): GroupRefinement | undefined
}

/** Of the group itself and of all its neighbours: the newest, for each prediction pays for every one. */
const MOST_OWN = 40
const MOST_NEIGHBOURS = 16
/** Where tokens per second were measured in a closed loop but not the time per token, they say the same, less exactly. */
const STAND_IN_WEIGHT = 0.3

export function refine(id: string, observations: readonly Observation[]): Refinement {
  const groups = condense(observations)
  const known = new Map<string, GroupRefinement | undefined>()
  const engines = new Set(observations.map(({ place }) => place.engine))
  return {
    id,
    observations: observations.reduce((sum, { count = 1 }) => sum + count, 0),
    groupAt(place) {
      if (!engines.has(place.engine)) return undefined
      const key = groupOf(place)
      if (!known.has(key)) known.set(key, refineGroup(place, groups))
      return known.get(key)
    },
  }
}

function refineGroup(home: Place, groups: ReadonlyMap<string, readonly Observation[]>): GroupRefinement | undefined {
  const own = groupOf(home)
  const neighbours: Observation[] = []
  for (const [key, members] of groups) {
    const [first] = members
    if (key !== own && first && sharedPart(ERROR_MODELS.tpot, home, first.place) > 0) neighbours.push(...members)
  }
  const evidence = [...newest(groups.get(own) ?? [], MOST_OWN), ...newest(neighbours, MOST_NEIGHBOURS)]
  if (evidence.length === 0) return undefined
  const posteriors = Object.fromEntries(
    TARGETS.map((target) => [target, createPosterior(ERROR_MODELS[target], home, samplesOf(evidence, target))]),
  ) as Record<Target, (place: Place) => Posterior>
  return {
    observations: evidence.reduce((sum, { count = 1 }) => sum + count, 0),
    at: (target, place) => posteriors[target](place),
  }
}

const newest = (evidence: readonly Observation[], most: number): Observation[] =>
  [...evidence].sort((a, b) => b.observedAtMs - a.observedAtMs || b.weight - a.weight).slice(0, most)

function samplesOf(evidence: readonly Observation[], target: Target): Sample[] {
  return evidence.flatMap(({ place, residuals, weight }) => {
    const residual = residuals[target]
    if (residual !== null) return [{ place, residual, weight }]
    if (target !== 'tpot' || place.head !== 'closed-loop' || residuals.output === null) return []
    return [{ place, residual: -residuals.output, weight: weight * STAND_IN_WEIGHT }]
  })
}
