/** One page of the rows that pass a filter, as summaries. */
import type { Reason } from '@bud/kernel'
import { type SQL, sql } from '@bud/platform/drizzle'
import { type CursorValue, encodeCursor } from '../../domain/listing/list-cursor.ts'
import type { ModelFilter } from '../../domain/listing/model-filter.ts'
import type { VersionAlias } from '../../domain/versions.ts'
import { aliases, models, versions } from '../tables.ts'
import { type Conditions, type Origin, originsOf, rowsOf, unionAll } from './listed-rows.ts'
import type { ListingContext } from './listing-context.ts'
import { type CatalogueRow, catalogueSummary, type ModelSummary, registeredSummary } from './model-summary.ts'
import { behind, orderBy, type SortKey } from './sort-keys.ts'

export interface PageOrder {
  keys: readonly SortKey[]
  fingerprint: string
  after: readonly CursorValue[] | undefined
}

interface AskedPage {
  projectId: string
  filter: ModelFilter
  conditions: Conditions
  order: PageOrder
  limit: number
}

export async function readPage(
  { database, catalogueSince, measured }: ListingContext,
  asked: AskedPage,
): Promise<{ items: ModelSummary[]; next_cursor: string | null }> {
  const { order, limit, filter } = asked
  const { rows } = await database.query.execute<PageRow>(pageQuery(asked))
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const measuring = { measured, gpu: filter.measured?.gpu }
  const items = shown.map((row) =>
    row.origin === 'registered'
      ? registeredSummary(toRegistered(row), measuring)
      : catalogueSummary({ ...row, card_tags: row.tags }, catalogueSince, measuring),
  )
  const next_cursor = rows.length > limit && last ? encodeCursor(order.fingerprint, last.sorted_by) : null
  return { items, next_cursor }
}

/** One row more than asked for, when there is one. Wide columns are read for the page alone. */
function pageQuery(asked: AskedPage): SQL {
  const { filter, order, limit } = asked
  const columns = order.keys.map((_, at) => sortColumn(at))
  return sql`
    with page as (
      select *, row_number() over () as place from (
        select *, jsonb_build_array(${sql.join(columns, sql`, `)}) as sorted_by
        from (${unionAll(originsOf(filter).map((origin) => sql`(${firstRows(asked, origin)})`))}) both_origins
        order by ${orderBy(order.keys, (_, at) => sortColumn(at))} limit ${limit + 1}
      ) sorted
    )
    select page.*, m.created_at, v.number, v.state_since, v.state_reasons, v.digest,
      (select count(*)::int from ${versions} o where o.model_id = page.id) as version_count,
      array(select a.alias from ${aliases} a where a.version_id = page.version_id order by a.alias) as aliases
    from page left join ${versions} v on v.id = page.version_id left join ${models} m on m.id = page.id
    order by page.place`
}

const sortColumn = (at: number): SQL => sql.identifier(`sort_${at}`).getSQL()

function firstRows({ projectId, conditions, order: { keys, after }, limit }: AskedPage, origin: Origin): SQL {
  const { counted, tags, benchmark, others } = conditions
  const rest = after ? [behind(keys, after, origin)] : []
  const sorted = keys.map(({ value }, at) => sql`${value[origin]} as ${sortColumn(at)}`)
  return sql`
    select ${origin} as origin, l.id, l.name, l.version_id, l.kind, l.state, l.architecture,
      l.parameter_count::float8 as parameter_count, l.active_parameter_count::float8 as active_parameter_count,
      l.context_length, l.modality, l.licence_id, l.licence_name, l.licence_class, l.shape_key, l.tags,
      ${sql.join(sorted, sql`, `)}
    ${rowsOf(origin, projectId, counted, tags, benchmark, others, rest)}
    order by ${orderBy(keys, ({ value }) => value[origin])} limit ${limit + 1}`
}

/** The columns of registered models are null for catalogue entries, which do not read them. */
type PageRow = Omit<CatalogueRow, 'card_tags'> & {
  origin: Origin
  kind: 'model' | 'adapter'
  state: 'available'
  tags: string[]
  sorted_by: CursorValue[]
  created_at: string
  number: number
  state_since: string
  state_reasons: Reason[]
  digest: string | null
  version_count: number
  aliases: VersionAlias[]
}

function toRegistered({ tags, version_count, aliases, ...row }: PageRow) {
  const { id, name, version_id, ...version } = row
  return {
    model: { id, name, tags, created_at: iso(row.created_at) },
    version: { ...version, id: version_id, state_since: iso(row.state_since), card_tags: [] },
    version_count,
    aliases,
  }
}

const iso = (timestamp: string): string => new Date(timestamp).toISOString()
