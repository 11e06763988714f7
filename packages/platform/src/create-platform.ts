/** Joins the machine room's parts: one database, and what stands on it. */
import { join } from 'node:path'
import { systemClock } from '@bud/kernel'
import { pino } from 'pino'
import { createSecretBox } from './adapters/aes-secret-box.ts'
import { type DataDirLock, lockDataDir } from './adapters/data-dir-lock.ts'
import { createDbosFlowRunner } from './adapters/dbos-flow-runner.ts'
import { createDatabase } from './adapters/drizzle-database.ts'
import { migrateSchema } from './adapters/drizzle-migrator.ts'
import { createMemoryEventBus } from './adapters/memory-event-bus.ts'
import { openPgliteFolder } from './adapters/pglite-folder.ts'
import { createPglitePool, type OpenPool } from './adapters/pglite-pool.ts'
import { createPostgresIdempotency } from './adapters/postgres-idempotency.ts'
import { createPostgresOperations } from './adapters/postgres-operations.ts'
import { openPostgresqlPool } from './adapters/postgresql-pool.ts'
import { readSecretKeyFile } from './adapters/secret-key-file.ts'
import { HISTORY_KEPT_MS } from './domain/history.ts'
import type { Database, EventBus, FlowRunner, Idempotency, Log, Operations, SecretBox } from './ports.ts'

export interface Platform {
  readonly kind: 'pglite' | 'postgresql'
  readonly database: Database
  readonly flows: FlowRunner
  readonly operations: Operations
  readonly events: EventBus
  readonly log: Log
  readonly secrets: SecretBox
  readonly idempotency: Idempotency
  /** Brings one package's tables to the state of its migrations folder. */
  migrate(schema: string, folder: string | URL): Promise<void>
  /** Drops operations and flows that ended longer than 90 days ago. Every hour or so, once the flows are launched. */
  prune(): Promise<void>
  /** Stops the flows, closes the database and gives the data folder free. */
  close(): Promise<void>
}

/**
 * `dataDir`: PGlite in `<dataDir>/database`, the secret key beside it; the folder is locked until `close` (pass `lock`
 * when you hold it already). `databaseUrl`: a PostgreSQL server; the secret key (32 bytes) comes from outside,
 * because every control plane on that database needs the same.
 */
export type PlatformPlace = { dataDir: string; lock?: DataDirLock } | { databaseUrl: string; secretKey: Uint8Array }

export interface PlatformOptions {
  logger?: Log
  executorId?: string
  applicationVersion?: string
}

const MIGRATIONS = new URL('./adapters/migrations', import.meta.url)

export async function createPlatform(place: PlatformPlace, options: PlatformOptions = {}): Promise<Platform> {
  if ('databaseUrl' in place) {
    const { databaseUrl, secretKey } = place
    return assemblePlatform({ ...(await openPostgresqlPool(databaseUrl)), databaseUrl, secretKey }, options)
  }
  const lock = place.lock ?? (await lockDataDir(place.dataDir))
  try {
    const secretKey = await readSecretKeyFile(lock.dir)
    const opened = createPglitePool(await openPgliteFolder(join(lock.dir, 'database')))
    const close = async () => {
      await opened.close()
      lock.release()
    }
    return await assemblePlatform({ pool: opened.pool, close, secretKey }, options)
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The same on a pool that is already open; closes it again when it fails. */
export async function assemblePlatform(
  opened: OpenPool & { databaseUrl?: string; secretKey: Uint8Array },
  options: PlatformOptions = {},
): Promise<Platform> {
  const { pool, databaseUrl } = opened
  const log = options.logger ?? pino({ level: 'warn' }, { write: (line) => process.stderr.write(line) })
  pool.on('error', (err) => log.error({ err }, 'A database connection broke.'))
  try {
    await migrateSchema(pool, 'platform', MIGRATIONS)
    const database = createDatabase(pool)
    const events = createMemoryEventBus()
    const secrets = createSecretBox(opened.secretKey)
    const { nowMs } = systemClock
    const flows = createDbosFlowRunner({
      pool,
      databaseUrl,
      executorId: options.executorId ?? 'local',
      applicationVersion: options.applicationVersion ?? 'v1',
      log,
    })
    const operations = createPostgresOperations({ database, events, nowMs })
    return {
      kind: databaseUrl === undefined ? 'pglite' : 'postgresql',
      database,
      flows,
      operations,
      events,
      log,
      secrets,
      idempotency: createPostgresIdempotency({ database, secrets, nowMs }),
      migrate: (schema, folder) => migrateSchema(pool, schema, folder),
      async prune() {
        const beforeMs = nowMs() - HISTORY_KEPT_MS
        await operations.forgetEnded(beforeMs)
        await flows.forgetEnded(beforeMs)
      },
      async close() {
        await flows.shutdown()
        await opened.close()
      },
    }
  } catch (error) {
    await opened.close()
    throw error
  }
}
