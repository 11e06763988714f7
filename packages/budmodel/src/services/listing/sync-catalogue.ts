/** The catalogue as rows, so that one statement finds entries and registered models alike. */
import type { Database } from '@bud/platform'
import { type AnyPgColumn, getTableColumns, notInArray, type SQL, sql } from '@bud/platform/drizzle'
import type { CatalogueEntry } from '../../domain/listing/catalogue.ts'
import { searchTerms, toVectorLiteral } from '../../domain/listing/search-terms.ts'
import { shapeKeyOf } from '../../domain/listing/shape-key.ts'
import { catalogueModels, listedModels } from '../tables.ts'
import type { ListingContext } from './listing-context.ts'
import { catalogueSummary, type ModelSummary } from './model-summary.ts'

/** Once at each start: what is gone goes, what changed changes. Writes nothing when all is as it was. */
export async function syncCatalogue(
  { database }: { database: Database },
  catalogue: readonly CatalogueEntry[],
): Promise<void> {
  const ids = catalogue.map(({ model_id }) => model_id)
  await database.transact(async (tx) => {
    await tx.delete(catalogueModels).where(ids.length === 0 ? undefined : notInArray(catalogueModels.id, ids))
    if (ids.length === 0) return
    await tx
      .insert(catalogueModels)
      .values(catalogue.map(toRow))
      .onConflictDoUpdate({ target: catalogueModels.id, set: REPLACED, setWhere: CHANGED })
  })
  // PGlite does so never by itself, and plans for an empty table take twice as long on a full one.
  await database.query.execute(sql`vacuum (analyze, skip_locked) ${listedModels}`)
}

export const catalogueSummaryOf = (
  context: Pick<ListingContext, 'catalogueSince' | 'measured'>,
  entry: CatalogueEntry,
): ModelSummary => catalogueSummary({ ...listedOf(entry), card_tags: entry.tags }, context.catalogueSince, context)

const { id: _, ...OTHERS } = getTableColumns(catalogueModels)
const excluded = ({ name }: AnyPgColumn): SQL => sql`excluded.${sql.identifier(name)}`
const REPLACED = Object.fromEntries(Object.entries(OTHERS).map(([key, column]) => [key, excluded(column)]))
const list = (parts: readonly (SQL | AnyPgColumn)[]): SQL => sql`(${sql.join([...parts], sql`, `)})`
const CHANGED = sql`${list(Object.values(OTHERS))} is distinct from ${list(Object.values(OTHERS).map(excluded))}`

function toRow(entry: CatalogueEntry) {
  const { name, facts, licence, sources, tags } = entry
  const words = searchTerms(name, facts.architecture, ...tags, licence?.licence.id, licence?.licence.name)
  return {
    ...listedOf(entry),
    card_tags: tags,
    search: sql<string>`${toVectorLiteral(words)}::tsvector`,
    facts_key: sql<string>`md5((${JSON.stringify(facts)}::jsonb)::text)`,
    facts,
    licence,
    sources,
  }
}

function listedOf({ model_id, version_id, name, facts, modality, licence }: CatalogueEntry) {
  const { architecture, parameter_count, active_parameter_count, context_length } = facts
  return {
    id: model_id,
    version_id,
    name,
    architecture,
    parameter_count,
    active_parameter_count,
    context_length,
    modality,
    licence_id: licence?.licence.id ?? null,
    licence_name: licence?.licence.name ?? null,
    licence_class: licence?.licence.class ?? ('unknown' as const),
    shape_key: shapeKeyOf(facts),
  }
}
