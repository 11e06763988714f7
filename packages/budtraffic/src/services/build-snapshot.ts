/** Everything a gateway needs to know, read in one transaction and kept per version. */
import type { RouteSnapshot } from '@bud/kernel'
import type { Database, Queryable } from '@bud/platform'
import { asc, isNull } from '@bud/platform/drizzle'
import { readVersion } from './snapshot-version.ts'
import { inferenceKeys, routeBackends, routes } from './tables.ts'

export interface SnapshotReader {
  /** The newest snapshot; undefined when the newest is `known`. */
  newerThan(known: number): Promise<RouteSnapshot | undefined>
}

export function createSnapshotReader(database: Database): SnapshotReader {
  let kept: RouteSnapshot | undefined
  return {
    async newerThan(known) {
      const { version } = await readVersion(database.query)
      if (version === known) return undefined
      if (kept?.version !== version) kept = await database.transact(buildSnapshot)
      return kept
    },
  }
}

/** What is committed between the reads shows under the version before it too, which does no harm: its own follows. */
async function buildSnapshot(tx: Queryable): Promise<RouteSnapshot> {
  const { version, changed_at } = await readVersion(tx)
  const routeRows = await tx.select().from(routes).orderBy(asc(routes.id))
  const backendRows = await tx.select().from(routeBackends).orderBy(asc(routeBackends.endpoint_id))
  const keys = await tx
    .select({ id: inferenceKeys.id, sha256: inferenceKeys.sha256, project_id: inferenceKeys.project_id })
    .from(inferenceKeys)
    .where(isNull(inferenceKeys.revoked_at))
  const backendsOf = Map.groupBy(backendRows, ({ route_id }) => route_id)
  return {
    version,
    created_at: changed_at,
    routes: routeRows.map(({ id, project_id, name }) => ({
      id,
      project_id,
      name,
      backends: (backendsOf.get(id) ?? []).map(({ endpoint_id, weight, upstreams }) => ({
        endpoint_id,
        weight,
        upstreams,
      })),
    })),
    keys,
  }
}
