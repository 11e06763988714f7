/** Tokens for the control plane: each person's own, in the project they are in. */
import { notFound } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { and, desc, eq } from '@bud/platform/drizzle'
import type { Principal } from '../domain/principal.ts'
import type { AuthLibrary } from '../ports.ts'
import { apikey } from './tables.ts'

/** Structurally the API's `ApiToken`. */
export interface TokenSummary {
  id: string
  name: string
  prefix: string
  created_at: string
  expires_at: string | null
}

export interface Tokens {
  list(principal: Principal): Promise<TokenSummary[]>
  /** The plain text is returned here and nowhere else. */
  create(
    principal: Principal,
    token: { name: string; expires_in_days?: number | undefined },
  ): Promise<{ id: string; name: string; secret: string }>
  /** In this process at once, in others within seconds. */
  revoke(principal: Principal, id: string): Promise<void>
}

export function createTokens(deps: {
  query: Queryable
  library: () => Promise<AuthLibrary>
  forgetPrincipals: () => void
}): Tokens {
  const { query, library, forgetPrincipals } = deps
  const isOwn = (principal: Principal) =>
    and(eq(apikey.referenceId, principal.user_id), eq(apikey.projectId, principal.project_id))
  return {
    async list(principal) {
      const rows = await query.select().from(apikey).where(isOwn(principal)).orderBy(desc(apikey.createdAt))
      return rows.map(toSummary)
    },
    async create({ user_id, project_id }, { name, expires_in_days }) {
      return (await library()).createToken({ user_id, project_id, name, expires_in_days })
    },
    async revoke(principal, id) {
      const revoked = await query
        .delete(apikey)
        .where(and(isOwn(principal), eq(apikey.id, id)))
        .returning({ id: apikey.id })
      forgetPrincipals()
      if (revoked.length === 0) throw notFound('token', id, 'GET /tokens lists yours.')
    },
  }
}

const toSummary = (row: typeof apikey.$inferSelect): TokenSummary => ({
  id: row.id,
  name: row.name ?? '',
  prefix: row.start ?? '',
  created_at: row.createdAt.toISOString(),
  expires_at: row.expiresAt?.toISOString() ?? null,
})
