/**
 * The one door to Drizzle. Imported as an ES module it costs close to a second and 170 MB of garbage at start, by
 * `require` a tenth of that, so every package takes its column builders and operators from here.
 */
import { createRequire } from 'node:module'
import type * as DrizzleModule from 'drizzle-orm'
import type * as NodePostgresModule from 'drizzle-orm/node-postgres'
import type * as MigratorModule from 'drizzle-orm/node-postgres/migrator'
import type * as PgCoreModule from 'drizzle-orm/pg-core'

const require = createRequire(import.meta.url)
const orm: typeof DrizzleModule = require('drizzle-orm')
const pgCore: typeof PgCoreModule = require('drizzle-orm/pg-core')
const nodePostgres: typeof NodePostgresModule = require('drizzle-orm/node-postgres')
const migrator: typeof MigratorModule = require('drizzle-orm/node-postgres/migrator')

export const { drizzle } = nodePostgres
export const { migrate: migrateWithDrizzle } = migrator

export const {
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  real,
  serial,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} = pgCore

export const {
  and,
  asc,
  between,
  count,
  desc,
  eq,
  exists,
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
  max,
  min,
  ne,
  not,
  notExists,
  notInArray,
  or,
  sql,
  sum,
} = orm

export type { InferInsertModel, InferSelectModel, SQL } from 'drizzle-orm'
export type { AnyPgColumn, AnyPgTable } from 'drizzle-orm/pg-core'

/** A `timestamptz` that reads and writes the API's own form: ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
export const isoTimestamp = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => new Date(value).toISOString(),
  toDriver: (value) => value,
})
