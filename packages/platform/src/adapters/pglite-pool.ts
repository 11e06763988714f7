/** PGlite, PostgreSQL inside this process, behind an ordinary pg.Pool. */
import { createRequire } from 'node:module'
import type * as PgliteModule from '@electric-sql/pglite'
import type { PGlite } from '@electric-sql/pglite'
import type pg from 'pg'
import { GuardedPool } from './guarded-pool.ts'
import { PgliteStream } from './pglite-stream.ts'

const require = createRequire(import.meta.url)

/** Long enough for a slow query before us in the queue; a true deadlock is refused by the guard before it can wait. */
const CONNECTION_WAIT_MS = 30_000

export interface OpenPool {
  pool: pg.Pool
  /** Ends the connections and whatever stands behind them. */
  close(): Promise<void>
}

/**
 * `folder`: where the data lies (its parent must exist), or undefined for memory. `image`: a data folder as a tar
 * archive to start from. No lock is taken: two processes on one folder lose rows silently (see data-dir-lock.ts).
 */
export async function openPglite(options: { folder?: string; image?: Blob }): Promise<PGlite> {
  const { PGlite }: typeof PgliteModule = require('@electric-sql/pglite')
  return PGlite.create({
    ...(options.folder === undefined ? {} : { dataDir: options.folder }),
    ...(options.image === undefined ? {} : { loadDataDir: options.image }),
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
  })
}

/** One connection only: PGlite has one session, so the pool is the lock that keeps transactions apart. */
export function createPglitePool(db: PGlite): OpenPool {
  const pool = new GuardedPool({
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
    user: 'postgres',
    database: 'postgres',
    ssl: false,
    stream: () => new PgliteStream(db) as never,
  })
  return {
    pool,
    async close() {
      await pool.end()
      await db.close()
    },
  }
}
