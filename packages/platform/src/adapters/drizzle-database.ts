/** The `Database` port over any pg.Pool. */
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
      return inTransaction<Queryable, T>((inside) => query.transaction(inside), body)
    },
  }
}
