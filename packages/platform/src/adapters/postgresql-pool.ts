/** A pool on a real PostgreSQL server. */
import { failed, messageOf, unavailable } from '@bud/kernel'
import { GuardedPool } from './guarded-pool.ts'
import type { OpenPool } from './pglite-pool.ts'

const MAX_CONNECTIONS = 10
const CONNECTION_WAIT_MS = 10_000
const OLDEST_VERSION = 150_000

/** Fails with a clear error when the server cannot be reached or is older than PostgreSQL 15. */
export async function openPostgresqlPool(databaseUrl: string): Promise<OpenPool> {
  const pool = new GuardedPool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
    application_name: 'bud-foundry',
    keepAlive: true,
  })
  // A connection that breaks while nobody uses it must not end the process; the pool makes a new one.
  pool.on('error', () => {})
  try {
    await checkServer(pool, withoutPassword(databaseUrl))
  } catch (error) {
    await pool.end()
    throw error
  }
  return { pool, close: () => pool.end() }
}

async function checkServer(pool: GuardedPool, where: string): Promise<void> {
  let version: number
  try {
    const { rows } = await pool.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    )
    version = rows[0]?.version ?? 0
  } catch (error) {
    throw unavailable(
      `Cannot use the database ${where}: ${messageOf(error)}. Check that the server runs and that the database URL is right.`,
      error,
    )
  }
  if (version < OLDEST_VERSION) {
    throw failed(`The database ${where} is PostgreSQL ${Math.floor(version / 10_000)}; 15 or newer is needed.`)
  }
}

function withoutPassword(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'given by the database URL'
  const { host, pathname } = new URL(databaseUrl)
  return `${host}${pathname}`
}
