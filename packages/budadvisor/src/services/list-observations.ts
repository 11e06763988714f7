/** Actual against predicted of one endpoint, window by window, and whether it drifts: the contract's EndpointObservations. */
import type {
  DriftRecord,
  MeasuredFigures,
  ObservationRecord,
  ObservedLoad,
  PredictedFigures,
} from '../domain/records.ts'
import type { Context } from './context.ts'
import { findDrift } from './drift-store.ts'
import { listEndpointObservations } from './observation-store.ts'

export interface EndpointObservations {
  endpoint_id: string
  /** The version of the refinement in force. */
  refinement: number | null
  drift: Pick<DriftRecord, 'drifting' | 'target' | 'since' | 'from_ratio' | 'to_ratio' | 'changed_at'> | null
  observations: {
    id: string
    from: string
    to: string
    revision: number | null
    load: ObservedLoad
    measured: MeasuredFigures
    predicted: PredictedFigures
    predictor: string
    refinement: number | null
  }[]
}

/** Newest first. */
export async function listObservations(
  context: Context,
  { project_id, endpoint_id, limit }: { project_id: string; endpoint_id: string; limit: number },
): Promise<EndpointObservations> {
  const { query } = context.database
  const [records, drift] = [
    await listEndpointObservations(query, endpoint_id, limit),
    await findDrift(query, endpoint_id),
  ]
  return {
    endpoint_id,
    refinement: context.active.get(project_id)?.number ?? null,
    drift: drift?.project_id === project_id ? describeDrift(drift) : null,
    observations: records.filter((one) => one.project_id === project_id).flatMap(describe),
  }
}

const describeDrift = ({ drifting, target, since, from_ratio, to_ratio, changed_at }: DriftRecord) => ({
  drifting,
  target,
  since,
  from_ratio,
  to_ratio,
  changed_at,
})

const describe = ({ subject, ...one }: ObservationRecord): EndpointObservations['observations'] =>
  subject.kind === 'row'
    ? []
    : [
        {
          id: one.id,
          from: one.started_at,
          to: one.observed_at,
          revision: one.revision,
          load: subject.load,
          measured: one.measured,
          predicted: one.predicted,
          predictor: one.predictor,
          refinement: one.refinement,
        },
      ]
