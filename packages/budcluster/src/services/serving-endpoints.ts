/** What serves, and as what: whoever compares actual with predicted asks here. */
import type { Deployment, EndpointStateName, GpuSpec, ModelFacts } from '@bud/kernel'
import type { Context } from './context.ts'
import { listEndpoints, listRevisions } from './store/endpoints.ts'

export interface ServingEndpoint {
  project_id: string
  endpoint_id: string
  name: string
  state: EndpointStateName
  /** An operation is under way. */
  busy: boolean
  revision: number
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
  /** Share of prompts expected in the prefix cache. */
  prefix_cache_share: number
}

/** In all projects, with the revision in force. */
export async function listServingEndpoints(context: Context): Promise<ServingEndpoint[]> {
  const { query } = context.database
  const endpoints = await listEndpoints(query, {})
  const revisions = await listRevisions(
    query,
    endpoints.map(({ id }) => id),
  )
  const inForce = new Map(revisions.map((revision) => [`${revision.endpoint_id} ${revision.number}`, revision]))
  return endpoints.flatMap((endpoint) => {
    const revision = inForce.get(`${endpoint.id} ${endpoint.revision}`)
    const gpu = revision && context.gpus.resolve(revision.gpu_type)[0]
    if (!revision || !gpu) return []
    return [
      {
        project_id: endpoint.project_id,
        endpoint_id: endpoint.id,
        name: endpoint.name,
        state: endpoint.state.name,
        busy: endpoint.active_operation !== null,
        revision: revision.number,
        facts: endpoint.facts,
        deployment: revision.deployment,
        gpu,
        prefix_cache_share: endpoint.workload?.prefix_cache_share ?? 0,
      },
    ]
  })
}
