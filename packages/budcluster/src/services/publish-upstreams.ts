/** Points an endpoint's route at the replicas that may get traffic. */
import type { Upstream } from '@bud/kernel'
import type { EndpointRecord } from '../domain/records.ts'
import type { ReplicaStatus } from '../domain/release.ts'
import type { Context } from './context.ts'
import { changeEndpoint, findEndpoint } from './store/endpoints.ts'

/** What the route has now → the replicas it should have; undefined: leave it. Called inside the endpoint's turn. */
type Choose = (endpoint: EndpointRecord) => Promise<readonly ReplicaStatus[] | undefined>

/** Version of the snapshot that has them; undefined when nothing was to be done. Idempotent. */
export async function publishUpstreams(
  context: Context,
  { project_id, id }: { project_id: string; id: string },
  choose: Choose,
): Promise<number | undefined> {
  const { database, routePublisher, publishing } = context
  return publishing.run(id, async () => {
    const endpoint = await findEndpoint(database.query, project_id, id)
    const chosen = endpoint && (await choose(endpoint))
    if (!endpoint || !chosen) return undefined
    const { version } = await routePublisher.publish({
      project_id,
      route_name: endpoint.name,
      endpoint_id: id,
      upstreams: chosen.map((replica) => toUpstream(endpoint, replica)),
    })
    await changeEndpoint(database.query, id, {
      published: chosen.map((replica) => ({ id: replica.id, base_url: replica.base_url })),
    })
    return version
  })
}

/** Takes the endpoint out of its route. Idempotent. */
export async function withdrawUpstreams(
  { database, routePublisher, publishing }: Context,
  { project_id, id }: { project_id: string; id: string },
): Promise<number> {
  return publishing.run(id, async () => {
    const { version } = await routePublisher.withdraw({ project_id, endpoint_id: id })
    await changeEndpoint(database.query, id, { published: [] })
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
