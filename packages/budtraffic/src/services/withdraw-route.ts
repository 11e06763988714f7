/** Takes an endpoint out of its routes; a route without endpoints ends. */
import { and, eq, notExists } from '@bud/platform/drizzle'
import { type Context, nowIso } from './context.ts'
import { lockVersion, nextVersion } from './snapshot-version.ts'
import { routeBackends, routes } from './tables.ts'

export async function withdrawRoute(
  context: Context,
  { project_id, endpoint_id }: { project_id: string; endpoint_id: string },
): Promise<{ version: number }> {
  const withdrawn = await context.database.transact(async (tx) => {
    const version = await lockVersion(tx)
    const left = await tx
      .delete(routeBackends)
      .where(and(eq(routeBackends.project_id, project_id), eq(routeBackends.endpoint_id, endpoint_id)))
      .returning({ route_id: routeBackends.route_id })
    if (left.length === 0) return { version, routeIds: [] }
    const backends = tx.select().from(routeBackends).where(eq(routeBackends.route_id, routes.id))
    await tx.delete(routes).where(and(eq(routes.project_id, project_id), notExists(backends)))
    return { version: await nextVersion(tx, nowIso(context)), routeIds: left.map(({ route_id }) => route_id) }
  })
  if (withdrawn.routeIds.length > 0) context.changes.notify()
  for (const id of withdrawn.routeIds) context.events.publish({ project_id, type: 'route.changed', id })
  return { version: withdrawn.version }
}
