/** The first start: someone who may do everything, a project to do it in, and a token for the command line. */
import { randomUUID } from 'node:crypto'
import type { Database, Queryable } from '@bud/platform'
import { and, eq } from '@bud/platform/drizzle'
import type { AuthLibrary } from '../ports.ts'
import { apikey, member, organization, user } from './tables.ts'

export const ADMINISTRATOR_EMAIL = 'admin@localhost'
const PROJECT = 'default'
const TOKEN_NAME = 'administrator'

export interface Bootstrapped {
  /** Whether the administrator was made by this call. */
  created: boolean
  /** The project that everything starts in. */
  project_id: string
  /** Plain text, on creation only: it is nowhere else. */
  token?: string
}

/**
 * Idempotent; goes on where a crash interrupted it. `renewToken`: the token's plain text was lost (its file is gone):
 * the old one is revoked and a new one returned.
 */
export async function bootstrap(
  deps: { database: Database; library: () => Promise<AuthLibrary> },
  options: { renewToken?: boolean } = {},
): Promise<Bootstrapped> {
  const { created, user_id, project_id, hasToken } = await deps.database.transact(async (tx) => {
    const people = await ensurePeople(tx)
    const ofToken = and(eq(apikey.referenceId, people.user_id), eq(apikey.name, TOKEN_NAME))
    if (options.renewToken) await tx.delete(apikey).where(ofToken)
    const tokens = await tx.select({ id: apikey.id }).from(apikey).where(ofToken)
    return { ...people, hasToken: tokens.length > 0 }
  })
  if (hasToken) return { created, project_id }
  const { secret } = await (await deps.library()).createToken({ user_id, project_id, name: TOKEN_NAME })
  return { created, project_id, token: secret }
}

async function ensurePeople(tx: Queryable): Promise<{ created: boolean; user_id: string; project_id: string }> {
  const insertedUsers = await tx
    .insert(user)
    .values({ id: randomUUID(), name: 'Administrator', email: ADMINISTRATOR_EMAIL })
    .onConflictDoNothing()
    .returning({ id: user.id })
  await tx.insert(organization).values({ id: randomUUID(), name: PROJECT, slug: PROJECT }).onConflictDoNothing()
  const [row] = await tx
    .select({ user_id: user.id, project_id: organization.id })
    .from(user)
    .innerJoin(organization, eq(organization.slug, PROJECT))
    .where(eq(user.email, ADMINISTRATOR_EMAIL))
  if (!row) throw new Error('The administrator or the default project vanished within a transaction.')
  await tx
    .insert(member)
    .values({ id: randomUUID(), userId: row.user_id, organizationId: row.project_id, role: 'owner' })
    .onConflictDoNothing()
  return { created: insertedUsers.length > 0, ...row }
}
