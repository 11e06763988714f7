/** better-auth's conditions as SQL. */
import {
  type AnyPgColumn,
  type AnyPgTable,
  and,
  eq,
  getTableColumns,
  gt,
  gte,
  ilike,
  inArray,
  isNotNull,
  isNull,
  like,
  lt,
  lte,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from '@bud/platform/drizzle'
import type { CleanedWhere } from 'better-auth/adapters'

export function columnOf(table: AnyPgTable, field: string): AnyPgColumn {
  const column = getTableColumns(table)[field]
  if (!column) throw new Error(`better-auth asked for the field "${field}", which services/tables.ts lacks.`)
  return column as AnyPgColumn
}

/** Every AND clause, and one of the OR clauses when there are any; undefined when there are none. */
export function toCondition(table: AnyPgTable, where: CleanedWhere[] = []): SQL | undefined {
  const terms = (connector: 'AND' | 'OR') =>
    where
      .filter((clause) => clause.connector === connector)
      .map((clause) => toTerm(columnOf(table, clause.field), clause))
  return and(...terms('AND'), or(...terms('OR')))
}

function toTerm(column: AnyPgColumn, { operator, value, mode }: CleanedWhere): SQL {
  const matches = mode === 'insensitive' ? ilike : like
  const ignoresCase = mode === 'insensitive' && typeof value === 'string'
  switch (operator) {
    case 'eq':
      if (value === null) return isNull(column)
      return ignoresCase ? ilike(column, escaped(value)) : eq(column, value)
    case 'ne':
      if (value === null) return isNotNull(column)
      return ignoresCase ? sql`${column} not ilike ${escaped(value)}` : ne(column, value)
    case 'lt':
      return lt(column, value)
    case 'lte':
      return lte(column, value)
    case 'gt':
      return gt(column, value)
    case 'gte':
      return gte(column, value)
    case 'in':
      return inArray(column, toList(value))
    case 'not_in':
      return notInArray(column, toList(value))
    case 'contains':
      return matches(column, `%${escaped(value)}%`)
    case 'starts_with':
      return matches(column, `${escaped(value)}%`)
    case 'ends_with':
      return matches(column, `%${escaped(value)}`)
  }
}

const escaped = (value: unknown): string => String(value).replaceAll(/[\\%_]/g, (character) => `\\${character}`)
const toList = (value: CleanedWhere['value']): unknown[] => (Array.isArray(value) ? value : [value])
