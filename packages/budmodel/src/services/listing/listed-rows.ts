/** Registered models and catalogue entries as rows "l" of the same columns, and what a filter asks of them, in SQL. */
import { type SQL, sql } from '@bud/platform/drizzle'
import type { ModelFilter } from '../../domain/listing/model-filter.ts'
import { SIZE_CLASS_NAMES, SIZE_CLASSES } from '../../domain/listing/sizes.ts'
import { benchmarks, catalogueModels, listedModels, models } from '../tables.ts'

/** The database does twice the work on a union of both, so each is asked for itself and little is put together. */
export const ORIGINS = ['registered', 'catalogue'] as const
export type Origin = (typeof ORIGINS)[number]

export const originsOf = ({ origin }: ModelFilter): readonly Origin[] => (origin ? [origin] : ORIGINS)

/** `from` and `where`. A registered model hides the entry of its name. */
export function rowsOf(origin: Origin, projectId: string, ...conditions: (readonly SQL[])[]): SQL {
  const all = [origin === 'registered' ? sql`l.project_id = ${projectId}` : isFree(projectId), ...conditions.flat()]
  return sql`${TABLES[origin]} where ${sql.join(all, sql` and `)}`
}

const TABLES: Readonly<Record<Origin, SQL>> = {
  registered: sql`from ${listedModels} l`,
  catalogue: sql`from (select *, 'model' as kind, 'available' as state, card_tags as tags from ${catalogueModels}) l`,
}

/** Looked up for each of the few entries rather than joined with all models. */
const isFree = (projectId: string): SQL =>
  sql`(select m.id from ${models} m where m.project_id = ${projectId} and m.name = l.name) is null`

export const unionAll = (parts: readonly SQL[]): SQL => sql.join([...parts], sql` union all `)

/** As the database takes a list. */
export const textArray = (values: readonly string[]): SQL => sql`${sql.param([...values])}::text[]`
export const numberArray = (values: readonly number[]): SQL => sql`${sql.param([...values])}::float8[]`

/** Index into SIZE_CLASSES; null where the parameters are not known. */
export const sizeClass: SQL = sql`width_bucket(l.parameter_count::float8, ${numberArray(
  SIZE_CLASSES.slice(1).map(({ min }) => min),
)})`

/** What has to be looked up before a filter is SQL. */
export interface Holding {
  /** Shapes with a measured row that holds what is asked for. */
  shapeKeys?: readonly string[] | undefined
  /** Keys of facts that fit on the cluster. */
  factsKeys?: readonly string[] | undefined
}

/** Apart, as facets leave some of them aside. */
export interface Conditions {
  /** By values that facets count from combinations. */
  counted: SQL[]
  tags: SQL[]
  benchmark: SQL[]
  others: SQL[]
}

export function conditionsOf(
  projectId: string,
  filter: ModelFilter,
  { shapeKeys, factsKeys }: Holding = {},
): Conditions {
  const { search, tags, benchmark } = filter
  return {
    counted: [...countedConditions(filter), ...(shapeKeys ? [sql`l.shape_key = any(${textArray(shapeKeys)})`] : [])],
    tags: tags ? [sql`l.tags @> ${textArray(tags)}`] : [],
    benchmark: benchmark ? [isScored(projectId, benchmark.name, benchmark.score_min)] : [],
    others: [
      ...(search ? [sql`l.search @@ ${search.query}::tsquery`] : []),
      ...(factsKeys ? [sql`l.facts_key = any(${textArray(factsKeys)})`] : []),
      ...rangeConditions(filter),
    ],
  }
}

/** `domain/listing/facets.ts` decides the same of combinations. */
function countedConditions(filter: ModelFilter): SQL[] {
  const { kind, architecture, size } = filter
  const within = (value: SQL, wanted: readonly string[] | undefined): SQL[] =>
    wanted ? [sql`${value} = any(${textArray(wanted)})`] : []
  const startsWith = (prefix: string) => sql`starts_with(lower(l.architecture), ${prefix})`
  return [
    ...(kind ? [sql`l.kind = ${kind}`] : []),
    ...(architecture ? [sql`(${sql.join(architecture.map(startsWith), sql` or `)})`] : []),
    ...(size ? [sql`${sizeClass} = any(${numberArray(size.map((name) => SIZE_CLASS_NAMES.indexOf(name)))})`] : []),
    ...within(sql`lower(l.licence_id)`, filter.licence),
    ...within(sql`l.licence_class`, filter.licence_class),
    ...within(sql`l.modality`, filter.modality),
    ...within(sql`l.state`, filter.state),
  ]
}

function rangeConditions({ ranges }: ModelFilter): SQL[] {
  const least = (column: SQL, value: number | undefined): SQL[] =>
    value === undefined ? [] : [sql`${column} >= ${value}::float8`]
  const most = (column: SQL, value: number | undefined): SQL[] =>
    value === undefined ? [] : [sql`${column} <= ${value}::float8`]
  return [
    ...least(sql`l.parameter_count`, ranges.parameters_min),
    ...most(sql`l.parameter_count`, ranges.parameters_max),
    ...least(sql`l.active_parameter_count`, ranges.active_parameters_min),
    ...most(sql`l.active_parameter_count`, ranges.active_parameters_max),
    ...least(sql`l.context_length`, ranges.context_min),
  ]
}

/**
 * Scored by an import, or by the card of the very version. Written so that the database looks scores up in a hash,
 * whatever it believes of the tables' sizes.
 */
function isScored(projectId: string, benchmark: string, least: number | undefined): SQL {
  const scores = sql`from ${benchmarks} b where b.project_id = ${projectId} and lower(b.benchmark) = lower(${benchmark})
    ${least === undefined ? sql`` : sql`and b.score >= ${least}::float8`}`
  return sql`(l.id in (select b.model_id ${scores} and b.version_id is null)
    or l.version_id in (select b.version_id ${scores} and b.version_id is not null))`
}
