/** Points an endpoint's route at replicas. Both happen in the endpoint's turn: who publishes knows what holds meanwhile. */
import type { Upstream } from '@bud/kernel'
import type { EndpointRecord } from '../domain/records.ts'
import type { ReplicaStatus } from '../domain/release.ts'
import type { Context } from './context.ts'
import { changeEndpoint } from './store/endpoints.ts'

/** The version of the snapshot that has exactly these. Idempotent. In the endpoint's turn. */
export async function publishReplicas(
  { database, routePublisher }: Context,
  endpoint: EndpointRecord,
  replicas: readonly ReplicaStatus[],
): Promise<number> {
  const { version } = await routePublisher.publish({
    project_id: endpoint.project_id,
    route_name: endpoint.name,
    endpoint_id: endpoint.id,
    upstreams: replicas.map((replica) => toUpstream(endpoint, replica)),
  })
  await changeEndpoint(database.query, endpoint.id, {
    published: replicas.map(({ id, base_url }) => ({ id, base_url })),
  })
  return version
}

/** Takes the endpoint out of its route. Idempotent. Takes the turn itself. */
export async function withdrawUpstreams(
  { database, routePublisher, turns }: Context,
  { project_id, endpoint_id }: { project_id: string; endpoint_id: string },
): Promise<number> {
  return turns.run(endpoint_id, async () => {
    const { version } = await routePublisher.withdraw({ project_id, endpoint_id })
    await changeEndpoint(database.query, endpoint_id, { published: [] })
    return version
  })
}

/** The engine serves the model under the endpoint's name, which is also the public one. */
const toUpstream = (endpoint: EndpointRecord, replica: ReplicaStatus): Upstream => ({
  id: replica.id,
  base_url: replica.base_url,
  endpoint_id: endpoint.id,
  model: endpoint.name,
})
