/** Puts an endpoint’s replicas behind a public model name, in one step. */
import { isDeepStrictEqual } from 'node:util'
import { BudError, createId, type Upstream } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, eq } from '@bud/platform/drizzle'
import { type Context, nowIso } from './context.ts'
import { lockVersion, nextVersion } from './snapshot-version.ts'
import { routeBackends, routes } from './tables.ts'

export interface PublishRequest {
  project_id: string
  route_name: string
  endpoint_id: string
  upstreams: Upstream[]
}

/** Of an endpoint that comes new to a route. */
const FIRST_WEIGHT = 1

export async function publishRoute(context: Context, request: PublishRequest): Promise<{ version: number }> {
  const { project_id } = request
  const published = await context.database.transact(async (tx) => {
    const version = await lockVersion(tx)
    const route_id = await ensureRoute(tx, context, request)
    const changed = await replaceUpstreams(tx, route_id, request)
    return { route_id, changed, version: changed ? await nextVersion(tx, nowIso(context)) : version }
  })
  if (published.changed) {
    context.changes.notify()
    context.events.publish({ project_id, type: 'route.changed', id: published.route_id })
  }
  return { version: published.version }
}

async function ensureRoute(tx: Queryable, context: Context, { project_id, route_name: name }: PublishRequest) {
  const id = createId('route', context.clock.nowMs())
  await tx
    .insert(routes)
    .values({ id, project_id, name, created_at: nowIso(context) })
    .onConflictDoNothing()
  const [route] = await tx
    .select({ id: routes.id })
    .from(routes)
    .where(and(eq(routes.project_id, project_id), eq(routes.name, name)))
  if (!route) throw new BudError('internal', `The route "${name}" vanished while it was published.`)
  return route.id
}

/** False when the route has just these already. */
async function replaceUpstreams(tx: Queryable, route_id: string, request: PublishRequest): Promise<boolean> {
  const { project_id, endpoint_id } = request
  const upstreams = request.upstreams.map(({ id, base_url, model }) => ({ id, base_url, endpoint_id, model }))
  const isThis = and(eq(routeBackends.route_id, route_id), eq(routeBackends.endpoint_id, endpoint_id))
  const [current] = await tx.select({ upstreams: routeBackends.upstreams }).from(routeBackends).where(isThis)
  if (current && isDeepStrictEqual(current.upstreams, upstreams)) return false
  await tx
    .insert(routeBackends)
    .values({ route_id, endpoint_id, project_id, weight: FIRST_WEIGHT, upstreams })
    .onConflictDoUpdate({ target: [routeBackends.route_id, routeBackends.endpoint_id], set: { upstreams } })
  return true
}
