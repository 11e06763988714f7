/** The `Database` port over any pg.Pool. */
import { BudError } from '@bud/kernel'
import type pg from 'pg'
import { drizzle } from '../drizzle.ts'
import type { Database, Queryable } from '../ports.ts'
import { inTransaction, refusalInsideTransaction } from './transaction-context.ts'

export function createDatabase(pool: pg.Pool): Database {
  const query: Queryable = drizzle(pool)
  return {
    query,
    async transact<T>(body: (tx: Queryable) => Promise<T>): Promise<T> {
      const refusal = refusalInsideTransaction('Another transaction')
      if (refusal) throw refusal
      try {
        return await inTransaction<Queryable, T>((inside) => query.transaction(inside), body)
      } catch (error) {
        throw withoutQuery(error)
      }
    },
  }
}

/** Our own refusal, without the query that Drizzle reports around it. */
const withoutQuery = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof BudError && !(error instanceof BudError) ? error.cause : error
