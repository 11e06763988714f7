/** Which of the listed models fit on a cluster: asked once for all models of equal facts. */
import type { ModelFacts } from '@bud/kernel'
import { sql } from '@bud/platform/drizzle'
import type { ModelFilter } from '../../domain/listing/model-filter.ts'
import { catalogueModels, versions } from '../tables.ts'
import { conditionsOf, ORIGINS, type Origin, rowsOf, unionAll } from './listed-rows.ts'
import type { ListingContext } from './listing-context.ts'

/** Undefined when no cluster is asked for. */
export async function fittingKeys(
  { database, fits }: Pick<ListingContext, 'database' | 'fits'>,
  projectId: string,
  filter: ModelFilter,
): Promise<string[] | undefined> {
  if (filter.fits_cluster === undefined) return undefined
  const { others } = conditionsOf(projectId, filter)
  const ofOrigin = (origin: Origin) =>
    sql`select l.facts_key, l.version_id ${rowsOf(origin, projectId, [sql`l.facts_key is not null`], others)}`
  const { rows } = await database.query.execute<{ facts_key: string; facts: ModelFacts }>(sql`
    with keys as (
      select facts_key, min(version_id) as version_id from (${unionAll(ORIGINS.map(ofOrigin))}) l group by facts_key
    )
    select keys.facts_key, coalesce(v.facts, c.facts) as facts from keys
      left join ${versions} v on v.id = keys.version_id
      left join ${catalogueModels} c on c.version_id = keys.version_id`)
  const held = await fits.on(
    projectId,
    filter.fits_cluster,
    rows.map(({ facts }) => facts),
  )
  return rows.filter((_, at) => held[at]).map(({ facts_key }) => facts_key)
}
