/** How many models pass a filter, and how many each other choice would leave. */
import type { Queryable } from '@bud/platform'
import { type SQL, sql } from '@bud/platform/drizzle'
import { type CountedFacet, countFacets, createPasses, type Facet } from '../../domain/listing/facets.ts'
import type { ModelFilter } from '../../domain/listing/model-filter.ts'
import { SIZE_CLASS_NAMES } from '../../domain/listing/sizes.ts'
import { benchmarks } from '../tables.ts'
import { type Conditions, ORIGINS, type Origin, originsOf, rowsOf, sizeClass, unionAll } from './listed-rows.ts'
import type { ListingContext } from './listing-context.ts'

export type ModelFacets = Record<CountedFacet | 'tag' | 'benchmark', Facet>

interface Asked {
  projectId: string
  filter: ModelFilter
  conditions: Conditions
  facets: boolean
}

/** Tags and benchmarks are people's own words: the most frequent are shown. */
const MOST_VALUES = 100

export async function countModels(
  { database: { query }, measured }: Pick<ListingContext, 'database' | 'measured'>,
  asked: Asked,
): Promise<{ total: number; facets: ModelFacets | null }> {
  if (!asked.facets) return { total: await countAll(query, asked), facets: null }
  const { filter } = asked
  const gpusOfShape = measured.holding({ ...filter.measured, gpu: undefined })
  const gpu = filter.measured?.gpu
  const [combinations, tag, benchmark] = await Promise.all([
    readCombinations(query, asked),
    countTags(query, asked),
    countBenchmarks(query, asked),
  ])
  const { total, facets } = countFacets(
    combinations.map(({ size, shape_key, ...combination }) => ({
      ...combination,
      size: size === null ? null : (SIZE_CLASS_NAMES[size] ?? null),
      gpus: gpusOfShape.get(shape_key ?? '') ?? [],
    })),
    createPasses(filter, gpu === undefined ? undefined : measured.gpuTypes(gpu)),
  )
  return { total, facets: { ...facets, tag, benchmark } }
}

async function countAll(query: Queryable, { projectId, filter, conditions }: Asked): Promise<number> {
  const { counted, tags, benchmark, others } = conditions
  const counts = originsOf(filter).map(
    (origin) => sql`(select count(*)::int ${rowsOf(origin, projectId, counted, tags, benchmark, others)})`,
  )
  const { rows } = await query.execute<{ total: number }>(sql`select ${sql.join(counts, sql` + `)} as total`)
  return rows[0]?.total ?? 0
}

async function readCombinations(query: Queryable, { projectId, conditions: { tags, benchmark, others } }: Asked) {
  const ofOrigin = (origin: Origin) => sql`
    select ${origin} as origin, l.kind, l.architecture, ${sizeClass} as size, l.licence_id as licence, l.licence_class,
      l.modality, l.state, l.shape_key, count(*)::int as count
    ${rowsOf(origin, projectId, tags, benchmark, others)}
    group by 2, 3, 4, 5, 6, 7, 8, 9`
  const { rows } = await query.execute<{
    origin: string
    kind: string
    architecture: string | null
    size: number | null
    licence: string | null
    licence_class: string
    modality: string
    state: string
    shape_key: string | null
    count: number
  }>(unionAll(ORIGINS.map(ofOrigin)))
  return rows
}

async function countTags(query: Queryable, { projectId, filter, conditions }: Asked): Promise<Facet> {
  const { counted, benchmark, others } = conditions
  const ofOrigin = (origin: Origin) =>
    sql`select unnest(l.tags) as tag ${rowsOf(origin, projectId, counted, benchmark, others)}`
  const { rows } = await query.execute<Facet[number]>(sql`
    select tag as value, count(*)::int as count from (${unionAll(originsOf(filter).map(ofOrigin))}) tags
    group by tag order by 2 desc, 1 limit ${MOST_VALUES}`)
  return rows
}

/** Each score is held against the models that pass, as `isScored` does it the other way round. */
async function countBenchmarks(query: Queryable, { projectId, filter, conditions }: Asked): Promise<Facet> {
  const { counted, tags, others } = conditions
  const passing = (column: SQL) => {
    const ofOrigin = (origin: Origin) => sql`select ${column} ${rowsOf(origin, projectId, counted, tags, others)}`
    return unionAll(originsOf(filter).map(ofOrigin))
  }
  const { rows } = await query.execute<Facet[number]>(sql`
    select min(benchmark) as value, count(*)::int as count from (
      select lower(b.benchmark) as name, min(b.benchmark) as benchmark from ${benchmarks} b
      where b.project_id = ${projectId} and case when b.version_id is null
        then b.model_id in (${passing(sql`l.id`)}) else b.version_id in (${passing(sql`l.version_id`)}) end
      group by 1, b.model_id
    ) scored
    group by name order by 2 desc, 1 limit ${MOST_VALUES}`)
  return rows
}
