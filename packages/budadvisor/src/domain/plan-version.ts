/** When what was observed since the last version is worth a new one. */
import type { RefinementRecord } from './records.ts'

export interface FreshEvidence {
  endpoint_id: string | null
  endpoint_name: string
  observed_at: string
}

export interface VersionQuestion {
  latest:
    | Pick<RefinementRecord, 'number' | 'predictor' | 'endpoint_ids' | 'observed_until' | 'observations'>
    | undefined
  predictor: string
  /** All observations that a version would be made of, oldest first. */
  evidence: readonly FreshEvidence[]
  /** Names of endpoints whose drift no version has taken in yet, with enough windows since it began. */
  drifted: readonly string[]
}

/** The first windows of an endpoint tell most: predictions err by what they all share. */
const FIRST_WINDOWS = 3
const LEAST_FRESH = 12
/** Later ones tell less and less. */
const FRESH_SHARE = 0.1

/** The reason for a new version, in a sentence; undefined: there is none. */
export function planVersion({ latest, predictor, evidence, drifted }: VersionQuestion): string | undefined {
  if (evidence.length === 0) return undefined
  if (latest && latest.predictor !== predictor) return `Predictions are made by ${predictor} now.`
  if (drifted.length > 0) return `What ${drifted.join(', ')} serves has shifted.`
  const fresh = latest ? evidence.filter(({ observed_at }) => observed_at > latest.observed_until) : evidence
  const known = new Set(latest?.endpoint_ids ?? [])
  for (const [endpointId, windows] of Map.groupBy(fresh, (one) => one.endpoint_id)) {
    const [first] = windows
    if (endpointId !== null && first && !known.has(endpointId) && windows.length >= FIRST_WINDOWS)
      return `The first ${windows.length} windows of ${first.endpoint_name}.`
  }
  return fresh.length >= Math.max(LEAST_FRESH, FRESH_SHARE * (latest?.observations.length ?? 0))
    ? `${fresh.length} new observations.`
    : undefined
}
