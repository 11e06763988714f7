/** The one-time link that lets the administrator in without a password. */
import { notFound } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { eq } from '@bud/platform/drizzle'
import type { AuthLibrary } from '../ports.ts'
import { user } from './tables.ts'

/** Until the first sign-in the link printed at the first start may lie unread for a day. */
const FIRST_LINK_MS = 24 * 3_600_000
const LATER_LINK_MS = 15 * 60_000

/** Valid once: 24 hours before the person's first sign-in, 15 minutes after. */
export async function createSignInLink(
  deps: { query: Queryable; library: () => Promise<AuthLibrary> },
  email: string,
): Promise<string> {
  const [person] = await deps.query.select({ seen: user.emailVerified }).from(user).where(eq(user.email, email))
  if (!person) throw notFound('person', email)
  return (await deps.library()).createOneTimeLink(email, person.seen ? LATER_LINK_MS : FIRST_LINK_MS)
}
