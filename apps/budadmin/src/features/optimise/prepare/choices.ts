/** What of a result can be looked at and approved: the candidates, and points of the Pareto front beside them. */
import type { Optimization } from '@bud/contract'
import type { Candidate } from '@bud/kernel'
import type { ResultSearch } from './search.ts'

export interface Choice {
  candidate: Candidate
  title: string
  /** Its place among the candidates, or the nearest misses; undefined: a point of the Pareto front alone. */
  index: number | undefined
}

/** When nothing holds the limits, the nearest misses are what there is to look at. */
const shownCandidates = (result: Optimization): readonly Candidate[] =>
  result.feasible ? result.candidates : result.nearest_misses

/** What the address asks for, or else the first; undefined where there is nothing at all. */
export function chosenOf(result: Optimization, search: ResultSearch): Choice | undefined {
  const point = search.point === undefined ? undefined : result.pareto?.[search.point]
  if (point) return { candidate: point, title: 'Chosen from the Pareto front', index: undefined }
  const candidates = shownCandidates(result)
  const asked = search.candidate ?? 0
  const index = candidates[asked] ? asked : 0
  const candidate = candidates[index]
  return candidate && { candidate, title: titleOf(result.feasible, index), index }
}

/** The address of a point of the front: a candidate's own where it is one. */
export function addressOfPoint(result: Optimization, point: number): Pick<ResultSearch, 'candidate' | 'point'> {
  const candidate = candidateOfPoint(result, point)
  return candidate === undefined ? { candidate: undefined, point } : { candidate, point: undefined }
}

/** Which point of the front is chosen; undefined: the choice is not on it. */
export function pointOf(result: Optimization, choice: Choice): number | undefined {
  const wanted = documentOf(choice.candidate)
  const found = result.pareto?.findIndex((point) => documentOf(point) === wanted) ?? -1
  return found < 0 ? undefined : found
}

function candidateOfPoint(result: Optimization, point: number): number | undefined {
  const one = result.pareto?.[point]
  if (!one) return undefined
  const found = result.candidates.findIndex((candidate) => documentOf(candidate) === documentOf(one))
  return found < 0 ? undefined : found
}

const documentOf = ({ deployment }: Candidate): string => JSON.stringify(deployment)

function titleOf(feasible: boolean, index: number): string {
  if (!feasible) return index === 0 ? 'Nearest miss' : `Near miss ${index + 1}`
  return index === 0 ? 'Recommended configuration' : `Alternative ${index}`
}
