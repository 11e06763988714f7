/** Brings one package's tables to the state of the code; each package has its own record of what was applied. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failed } from '@bud/kernel'
import type pg from 'pg'
import { z } from 'zod'
import { drizzle, migrateWithDrizzle } from '../drizzle.ts'

const RECORDS_SCHEMA = 'migrations'
/** Any constant: the advisory lock that lets one control plane migrate at a time. */
const MIGRATION_LOCK = 7_283_001

const Journal = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) })

/**
 * Applies the migrations of `folder` (drizzle-kit's output) that `schema` lacks, all or none.
 * Refuses a database that holds migrations this code does not know.
 */
export async function migrateSchema(pool: pg.Pool, schema: string, folder: string | URL): Promise<void> {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder
  const journal = Journal.parse(JSON.parse(await readFile(join(path, 'meta', '_journal.json'), 'utf8')))
  const newest = Math.max(0, ...journal.entries.map(({ when }) => when))
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const applied = await newestApplied(client, schema)
    if (applied > newest) throw newerDatabase(schema)
    if (applied < newest) {
      await migrateWithDrizzle(drizzle(client), {
        migrationsFolder: path,
        migrationsSchema: RECORDS_SCHEMA,
        migrationsTable: schema,
      })
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {})
    client.release()
  }
}

async function newestApplied(client: pg.PoolClient, schema: string): Promise<number> {
  const table = `"${RECORDS_SCHEMA}"."${schema}"`
  const exists = await client.query<{ name: string | null }>('select to_regclass($1)::text as name', [table])
  if (!exists.rows[0]?.name) return 0
  const { rows } = await client.query<{ newest: string | null }>(`select max(created_at) as newest from ${table}`)
  return Number(rows[0]?.newest ?? 0)
}

const newerDatabase = (schema: string) =>
  failed(
    `The database's "${schema}" tables were written by a newer version of Bud AI Foundry. Start that version, or point this one at another data folder or database.`,
    [{ code: 'database-newer-than-code', message: `"${schema}" holds migrations this version does not know.` }],
  )
