/**
 * better-auth's storage on the platform's database. better-auth brings a Drizzle adapter of its own; it imports
 * Drizzle as an ES module, which doubles this package's start (see `@bud/platform/drizzle`).
 */
import type { Queryable } from '@bud/platform'
import { type AnyPgTable, asc, count, desc, inArray, type SQL, sql } from '@bud/platform/drizzle'
import { type CleanedWhere, type CustomAdapter, createAdapterFactory } from 'better-auth/adapters'
import { columnOf, toCondition } from './auth-condition.ts'

/** Tables by the names better-auth asks for them; their keys are its field names. */
export type AuthTables = Readonly<Record<string, AnyPgTable>>

export function drizzleAuthAdapter(query: Queryable, tables: AuthTables) {
  return createAdapterFactory({
    config: { adapterId: 'bud-drizzle', supportsJSON: false, supportsDates: true, supportsBooleans: true },
    adapter: () => new DrizzleAuthAdapter(query, tables),
  })
}

type Selection = { model: string; where: CleanedWhere[] }
type Where = CleanedWhere[] | undefined
type Row = Record<string, unknown>

// better-auth types a row as whatever its caller expects; that the tables have its fields is what makes it true.
const firstOf = <T>(rows: Row[]): T | null => (rows[0] as T | undefined) ?? null

export class DrizzleAuthAdapter implements CustomAdapter {
  readonly #query: Queryable
  readonly #tables: AuthTables

  constructor(query: Queryable, tables: AuthTables) {
    this.#query = query
    this.#tables = tables
  }

  create = async <T extends Row>({ model, data }: { model: string; data: T }): Promise<T> => {
    const rows: Row[] = await this.#query.insert(this.#table(model)).values(data).returning()
    return firstOf<T>(rows) ?? data
  }

  findOne = async <T>({ model, where }: Selection): Promise<T | null> =>
    firstOf<T>(await this.#select(model, where).limit(1))

  findMany = async <T>(list: Parameters<CustomAdapter['findMany']>[0]): Promise<T[]> => {
    const { model, where, limit, offset = 0, sortBy } = list
    const order = sortBy?.direction === 'desc' ? desc : asc
    const rows = this.#select(model, where)
    if (sortBy) rows.orderBy(order(columnOf(this.#table(model), sortBy.field)))
    return (await rows.limit(limit).offset(offset)) as T[]
  }

  count = async ({ model, where }: { model: string; where?: Where }): Promise<number> => {
    const table = this.#table(model)
    const [row] = await this.#query.select({ rows: count() }).from(table).where(toCondition(table, where))
    return row?.rows ?? 0
  }

  update = async <T>({ model, where, update }: Selection & { update: T }): Promise<T | null> =>
    this.#changeOne<T>({ model, where }, update as Row)

  updateMany = async ({ model, where, update }: Selection & { update: Row }): Promise<number> => {
    const table = this.#table(model)
    const { rowCount } = await this.#query.update(table).set(update).where(toCondition(table, where))
    return rowCount ?? 0
  }

  delete = async (selection: Selection): Promise<void> => {
    await this.deleteMany(selection)
  }

  deleteMany = async ({ model, where }: Selection): Promise<number> => {
    const table = this.#table(model)
    const { rowCount } = await this.#query.delete(table).where(toCondition(table, where))
    return rowCount ?? 0
  }

  consumeOne = async <T>(selection: Selection): Promise<T | null> => {
    const rows: Row[] = await this.#query
      .delete(this.#table(selection.model))
      .where(this.#isOneOf(selection))
      .returning()
    return firstOf<T>(rows)
  }

  incrementOne = async <T>(
    change: Selection & { increment: Record<string, number>; set?: Row | undefined },
  ): Promise<T | null> => {
    const { model, where, increment, set } = change
    const table = this.#table(model)
    const sums = Object.entries(increment).map(([field, delta]) => [field, sql`${columnOf(table, field)} + ${delta}`])
    return this.#changeOne<T>({ model, where }, { ...Object.fromEntries(sums), ...set })
  }

  #select(model: string, where: Where) {
    const table = this.#table(model)
    return this.#query.select().from(table).where(toCondition(table, where)).$dynamic()
  }

  async #changeOne<T>(selection: Selection, values: Row): Promise<T | null> {
    const rows: Row[] = await this.#query
      .update(this.#table(selection.model))
      .set(values)
      .where(this.#isOneOf(selection))
      .returning()
    return firstOf<T>(rows)
  }

  /** Narrows a condition to one row, in the same statement. */
  #isOneOf({ model, where }: Selection): SQL {
    const table = this.#table(model)
    const id = columnOf(table, 'id')
    return inArray(id, this.#query.select({ id }).from(table).where(toCondition(table, where)).limit(1))
  }

  #table(model: string): AnyPgTable {
    const table = this.#tables[model]
    if (!table) throw new Error(`better-auth asked for the table "${model}", which services/tables.ts lacks.`)
    return table
  }
}
