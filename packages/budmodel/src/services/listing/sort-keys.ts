/** How each sort orders the rows "l", and how a page goes on behind the last one: by values, so that it never skips. */
import { type SQL, sql } from '@bud/platform/drizzle'
import type { CursorValue } from '../../domain/listing/list-cursor.ts'
import type { ModelFilter, ModelSort } from '../../domain/listing/model-filter.ts'
import { numberArray, type Origin, textArray } from './listed-rows.ts'

export interface SortKey {
  value: Readonly<Record<Origin, SQL>>
  kind: 'string' | 'number'
  descending?: boolean
}

const number = (registered: SQL, catalogue = registered): SortKey => ({
  value: { registered: sql`(${registered})::float8`, catalogue: sql`(${catalogue})::float8` },
  kind: 'number',
})
const name = (value: SQL): SortKey => {
  const sorted = sql`(${value}) collate "C"`
  return { value: { registered: sorted, catalogue: sorted }, kind: 'string' }
}

/** No two models of a list have the same. */
const NAME = name(sql`l.name`)
const REGISTERED_FIRST = number(sql`0`, sql`1`)
/** Ids begin with the time. */
const NEWEST_FIRST: SortKey = {
  value: { registered: sql`l.id`, catalogue: sql`''::text` },
  kind: 'string',
  descending: true,
}
const NEWEST = [REGISTERED_FIRST, NEWEST_FIRST, NAME]
/** Behind every value there is. */
const UNKNOWN = sql`9e18::float8`

/** `speeds`: of each shape, for the sort by speed. */
export function sortKeysOf(sort: ModelSort, filter: ModelFilter, speeds: ReadonlyMap<string, number>): SortKey[] {
  switch (sort) {
    case 'newest':
      return NEWEST
    case 'relevance':
      return filter.search ? [number(relevance(filter.search.words)), ...NEWEST] : NEWEST
    case 'name':
      return [name(sql`lower(l.name)`), NAME]
    case 'smallest':
      return [number(sql`coalesce(l.parameter_count, ${UNKNOWN})`), NAME]
    case 'largest':
      return [number(sql`coalesce(-l.parameter_count, ${UNKNOWN})`), NAME]
    case 'context':
      return [number(sql`coalesce(-l.context_length, ${UNKNOWN})`), NAME]
    case 'speed':
      return [number(slowness(speeds)), NAME]
  }
}

/** 0: the name itself; 1: all words are in the name; 2: some are found elsewhere. */
function relevance(words: readonly string[]): SQL {
  const patterns = words.map((word) => `%${word}%`)
  return sql`case
    when not (lower(l.name) like all(${textArray(patterns)})) then 2
    when regexp_replace(lower(l.name), '[^a-z0-9.]+', ' ', 'g') = ${words.join(' ')} then 0
    else 1 end`
}

/** Negative, so that the fastest comes first. */
function slowness(speeds: ReadonlyMap<string, number>): SQL {
  const [keys, values] = [textArray([...speeds.keys()]), numberArray([...speeds.values()])]
  return sql`coalesce(-(${values})[array_position(${keys}, l.shape_key)], ${UNKNOWN})`
}

/** `sortedBy`: where the rows have what they are sorted by. */
export const orderBy = (keys: readonly SortKey[], sortedBy: (key: SortKey, at: number) => SQL): SQL =>
  sql.join(
    keys.map((key, at) => (key.descending ? sql`${sortedBy(key, at)} desc` : sortedBy(key, at))),
    sql`, `,
  )

/** Everything behind the row with these values. The outer comparison is what an index can begin with. */
export function behind(keys: readonly SortKey[], after: readonly CursorValue[], origin: Origin): SQL {
  const [key, ...otherKeys] = keys
  const [last, ...others] = after
  if (!key || last === undefined) return sql`false`
  const value = key.value[origin]
  const given = key.kind === 'number' ? sql`${last}::float8` : sql`${last}::text`
  const further = key.descending ? sql`${value} < ${given}` : sql`${value} > ${given}`
  if (otherKeys.length === 0) return further
  const within = key.descending ? sql`${value} <= ${given}` : sql`${value} >= ${given}`
  return sql`(${within} and (${further} or ${behind(otherKeys, others, origin)}))`
}
