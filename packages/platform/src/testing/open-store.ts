/** The databases that the contract suites run on, each new and empty but for DBOS's own tables. */
import { createDbosFlowRunner } from '../adapters/dbos-flow-runner.ts'
import { createDatabase } from '../adapters/drizzle-database.ts'
import { migrateSchema } from '../adapters/drizzle-migrator.ts'
import { createPglitePool, type OpenPool, openPglite } from '../adapters/pglite-pool.ts'
import { openPostgresqlPool } from '../adapters/postgresql-pool.ts'
import type { Database, FlowHistory, FlowRunner, Log } from '../ports.ts'
import { templateImage } from './template-image.ts'

export interface Store {
  readonly database: Database
  /** Makes the machine room's own tables where they are missing. */
  migrate(): Promise<void>
  createRunner(): FlowRunner & FlowHistory
  close(): Promise<void>
}

const MIGRATIONS = new URL('../adapters/migrations', import.meta.url)
const RETRIES_WITHOUT_WAITING = { attempts: 5, firstWaitMs: 1, longestWaitMs: 1 }
const log: Log = {
  info() {},
  warn: (_, message) => console.warn(message),
  error: (_, message) => console.error(message),
}

export const openPgliteStore = async (): Promise<Store> =>
  toStore(createPglitePool(await openPglite({ image: await templateImage() })))

/** `serverUrl`: a server on which databases may be created; each store gets one of its own, copied from a template. */
export async function preparePostgresqlStores(serverUrl: string): Promise<() => Promise<Store>> {
  const createDatabaseFrom = async (template: string) => {
    const url = new URL(serverUrl)
    const name = `store_${crypto.randomUUID().replaceAll('-', '')}`
    const server = await openPostgresqlPool(serverUrl)
    await server.pool.query(`create database ${name} template ${template}`)
    await server.close()
    url.pathname = `/${name}`
    return { name, url: url.href }
  }
  const template = await createDatabaseFrom('template0')
  const first = toStore(await openPostgresqlPool(template.url), template.url)
  const runner = first.createRunner()
  await runner.launch()
  await runner.shutdown()
  await first.close()
  return async () => {
    const { url } = await createDatabaseFrom(template.name)
    return toStore(await openPostgresqlPool(url), url)
  }
}

function toStore({ pool, close }: OpenPool, databaseUrl?: string): Store {
  return {
    database: createDatabase(pool),
    migrate: () => migrateSchema(pool, 'platform', MIGRATIONS),
    createRunner: () =>
      createDbosFlowRunner({
        pool,
        databaseUrl,
        executorId: 'local',
        applicationVersion: 'v1',
        log,
        retries: RETRIES_WITHOUT_WAITING,
        shutdownGraceMs: 100,
      }),
    close,
  }
}
