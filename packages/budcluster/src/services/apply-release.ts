/** From an endpoint's revisions to what its cluster is asked to run. */
import { notFound } from '@bud/kernel'
import type { EndpointRecord } from '../domain/records.ts'
import { releaseName } from '../domain/release-name.ts'
import type { ClusterDriver } from '../ports.ts'
import type { Context } from './context.ts'
import { listRevisions } from './store/endpoints.ts'

/** How many replicas of which revision. */
export interface Group {
  revision: number
  replicas: number
}

/** Makes the cluster want these groups and nothing else. Idempotent. In the endpoint's turn. */
export async function applyRelease(
  context: Context,
  endpoint: EndpointRecord,
  driver: ClusterDriver,
  groups: readonly Group[],
): Promise<void> {
  const revisions = await listRevisions(context.database.query, [endpoint.id])
  await driver.releases.apply({
    name: releaseName(endpoint),
    endpoint_id: endpoint.id,
    served_model_name: endpoint.name,
    facts: endpoint.facts,
    groups: groups
      .filter((group) => group.replicas > 0)
      .map(({ revision: number, replicas }) => {
        const revision = revisions.find((candidate) => candidate.number === number)
        if (!revision) throw notFound('revision', `${endpoint.id}/${number}`)
        const { deployment, gpu_type } = revision
        const resources = { ...deployment.resources, gpu_type }
        return { revision: number, replicas, deployment: { ...deployment, replicas, resources } }
      }),
  })
}
