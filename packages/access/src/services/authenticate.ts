/** From the headers of a request to who is asking. */
import { createHash } from 'node:crypto'
import type { Queryable } from '@bud/platform'
import { and, asc, eq, sql } from '@bud/platform/drizzle'
import type { BriefCache } from '../domain/brief-cache.ts'
import { type Principal, parseRole } from '../domain/principal.ts'
import type { AuthLibrary } from '../ports.ts'
import { member, organization, user } from './tables.ts'

interface Deps {
  query: Queryable
  library: () => Promise<AuthLibrary>
  cache: BriefCache<Principal>
}

/** A bearer token speaks alone: a cookie beside it is not looked at. */
export async function authenticate(deps: Deps, headers: Headers): Promise<Principal | undefined> {
  const token = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (token !== undefined) return deps.cache.get(cacheKey('token', token), () => byToken(deps, token))
  if (headers.has('authorization')) return undefined
  const cookie = headers.get('cookie')
  if (!cookie) return undefined
  return deps.cache.get(cacheKey('session', cookie), () => bySession(deps, cookie))
}

async function byToken(deps: Deps, token: string): Promise<Principal | undefined> {
  const found = await (await deps.library()).verifyToken(token)
  return found && findPrincipal(deps.query, found.user_id, found.project_id, 'token')
}

async function bySession(deps: Deps, cookie: string): Promise<Principal | undefined> {
  const found = await (await deps.library()).findSession(new Headers({ cookie }))
  return found && findPrincipal(deps.query, found.user_id, found.active_project_id, 'session')
}

/** In the given project, or in the one the person joined first. Nobody outside a project gets in. */
async function findPrincipal(
  query: Queryable,
  userId: string,
  projectId: string | null,
  via: Principal['via'],
): Promise<Principal | undefined> {
  const [row] = await query
    .select({
      user_id: user.id,
      name: user.name,
      email: user.email,
      project_id: organization.id,
      project_name: organization.name,
      role: member.role,
    })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .innerJoin(organization, eq(organization.id, member.organizationId))
    .where(and(eq(member.userId, userId), projectId === null ? sql`true` : eq(member.organizationId, projectId)))
    .orderBy(asc(member.createdAt))
    .limit(1)
  return row && { ...row, role: parseRole(row.role), via }
}

/** Secrets are not kept in memory as they are. */
const cacheKey = (kind: string, secret: string): string =>
  createHash('sha256').update(`${kind} ${secret}`).digest('base64')
