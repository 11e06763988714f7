import { BudError } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { sql } from '@bud/platform/drizzle'
import { snapshotVersion } from './tables.ts'

export interface SnapshotVersion {
  version: number
  changed_at: string
}

export async function readVersion(query: Queryable): Promise<SnapshotVersion> {
  return only(await query.select().from(snapshotVersion))
}

/** Holds back other changes until this transaction ends. */
export async function lockVersion(tx: Queryable): Promise<number> {
  return only(await tx.select().from(snapshotVersion).for('update')).version
}

/** In the transaction that changes what the snapshot holds. */
export async function nextVersion(tx: Queryable, changed_at: string): Promise<number> {
  const rows = await tx
    .update(snapshotVersion)
    .set({ version: sql`${snapshotVersion.version} + 1`, changed_at })
    .returning()
  return only(rows).version
}

function only(rows: SnapshotVersion[]): SnapshotVersion {
  const [row] = rows
  if (!row) throw new BudError('internal', 'budtraffic.snapshot_version is empty; its migration puts one row in.')
  return row
}
