/** A project’s keys for the gateway. When a change returns, every live gateway has it, unless it takes too long. */
import { randomBytes } from 'node:crypto'
import type { Principal } from '@bud/access'
import { createId, notFound } from '@bud/kernel'
import { and, desc, eq, isNull } from '@bud/platform/drizzle'
import { createKey } from '../domain/inference-key.ts'
import { type Context, nowIso } from './context.ts'
import { nextVersion } from './snapshot-version.ts'
import { inferenceKeys } from './tables.ts'
import { waitDrained } from './wait-drained.ts'

/** Structurally the API's `InferenceKey`. */
export interface InferenceKey {
  id: string
  name: string
  prefix: string
  created_at: string
  last_used_at: string | null
}

/** A gateway that does not answer in this time has the change with its next sync. */
const APPLIED_WITHIN_MS = 3_000

type Owner = Pick<Principal, 'user_id' | 'project_id'>

export interface InferenceKeys {
  /** Newest first; revoked ones are gone. */
  list(owner: Owner): Promise<InferenceKey[]>
  /** The plain text is returned here and nowhere else. */
  create(owner: Owner, key: { name: string }): Promise<{ id: string; name: string; secret: string }>
  /** Throws not-found, also the second time. */
  revoke(owner: Owner, id: string): Promise<void>
}

export function createInferenceKeys(context: Context): InferenceKeys {
  const { database, clock, changes } = context
  const inProject = (project_id: string) =>
    and(eq(inferenceKeys.project_id, project_id), isNull(inferenceKeys.revoked_at))
  const announce = async (version: number) => {
    changes.notify()
    await waitDrained(context, { upstream_ids: [], version, timeout_ms: APPLIED_WITHIN_MS })
  }
  return {
    list({ project_id }) {
      const { id, name, prefix, created_at, last_used_at } = inferenceKeys
      return database.query
        .select({ id, name, prefix, created_at, last_used_at })
        .from(inferenceKeys)
        .where(inProject(project_id))
        .orderBy(desc(created_at), desc(id))
    },
    async create({ user_id, project_id }, { name }) {
      const { secret, prefix, sha256 } = createKey(randomBytes)
      const id = createId('key', clock.nowMs())
      const created_at = nowIso(context)
      const version = await database.transact(async (tx) => {
        await tx.insert(inferenceKeys).values({ id, project_id, name, prefix, sha256, created_by: user_id, created_at })
        return nextVersion(tx, created_at)
      })
      await announce(version)
      return { id, name, secret }
    },
    async revoke({ project_id }, id) {
      const version = await database.transact(async (tx) => {
        const revoked_at = nowIso(context)
        const revoked = await tx
          .update(inferenceKeys)
          .set({ revoked_at })
          .where(and(inProject(project_id), eq(inferenceKeys.id, id)))
          .returning({ id: inferenceKeys.id })
        if (revoked.length === 0) throw notFound('inference key', id, 'GET /inference-keys lists them.')
        return nextVersion(tx, revoked_at)
      })
      await announce(version)
    },
  }
}
