import type { Platform } from '@bud/platform'
import { eq } from '@bud/platform/drizzle'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Access, createAccess } from './create-access.ts'
import type { Principal } from './domain/principal.ts'
import { apikey, member, organization, session, user, verification } from './services/tables.ts'

const BASE_URL = 'http://localhost:3000'
const warnings: string[] = []
const log = {
  info() {},
  warn: (_: object, message: string) => warnings.push(message),
  error: (_: object, message: string) => warnings.push(message),
}

let platform: Platform
let access: Access
let token: string
let administrator: Principal

const open = (nowMs?: () => number) => createAccess({ platform, baseUrl: () => BASE_URL, log, ...(nowMs && { nowMs }) })
const bearer = (secret: string) => new Headers({ authorization: `Bearer ${secret}` })
const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
const signIn = async () => cookieOf(await access.handle(new Request(await access.createSignInLink())))

beforeAll(async () => {
  platform = await createTestPlatform()
  access = await open()
  token = (await access.bootstrap()).token ?? ''
  const found = await access.authenticate(bearer(token))
  if (!found) throw new Error('The first token does not work.')
  administrator = found
})
afterAll(() => platform.close())

describe('the first start', () => {
  test('makes the administrator, a project and a token', () => {
    expect(administrator).toEqual({
      user_id: expect.any(String),
      name: 'Administrator',
      email: 'admin@localhost',
      project_id: expect.any(String),
      project_name: 'default',
      role: 'owner',
      via: 'token',
    })
    expect(token).toMatch(/^bud_.{60,}$/)
  })

  test('is done once: later calls make nothing and tell nothing', async () => {
    expect(await access.bootstrap()).toEqual({ created: false, project_id: administrator.project_id })
    expect(await platform.database.query.$count(user)).toBe(1)
    expect(await platform.database.query.$count(organization)).toBe(1)
    expect(await platform.database.query.$count(member)).toBe(1)
  })

  test('goes on after a crash between the administrator and the token', async () => {
    await platform.database.query.delete(apikey)
    const again = await access.bootstrap()
    expect(again).toMatchObject({ created: false, token: expect.any(String) })
    token = again.token ?? ''
  })

  test('replaces the token when its plain text was lost', async () => {
    const { token: renewed = '' } = await access.bootstrap({ renewToken: true })
    const fresh = await open()
    expect(await fresh.authenticate(bearer(token))).toBeUndefined()
    expect(await fresh.authenticate(bearer(renewed))).toMatchObject({ user_id: administrator.user_id })
    token = renewed
  })

  test('stores no token in plain text', async () => {
    const rows = await platform.database.query.select().from(apikey)
    expect(JSON.stringify(rows)).not.toContain(token)
  })
})

describe('a one-time link', () => {
  const expiresInMinutes = async () => {
    const [row] = await platform.database.query.select({ at: verification.expiresAt }).from(verification)
    return Math.round(((row?.at.getTime() ?? 0) - Date.now()) / 60_000)
  }

  test('holds for 24 hours before the first sign-in and for 15 minutes after it', async () => {
    const first = await access.createSignInLink()
    expect(await expiresInMinutes()).toBe(24 * 60)
    await access.handle(new Request(first))
    await access.createSignInLink()
    expect(await expiresInMinutes()).toBe(15)
    await platform.database.query.delete(verification)
  })

  test('signs in with a cookie that scripts and other sites cannot use, and leads to the dashboard', async () => {
    const response = await access.handle(new Request(await access.createSignInLink()))
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe(`${BASE_URL}/ui`)
    expect(response.headers.get('set-cookie')).toMatch(/HttpOnly/i)
    expect(response.headers.get('set-cookie')).toMatch(/SameSite=Lax/i)
    expect(await access.authenticate(new Headers({ cookie: cookieOf(response) }))).toEqual({
      ...administrator,
      via: 'session',
    })
  })

  test('signs in once, also when two browsers open it at the same time', async () => {
    const link = await access.createSignInLink()
    const responses = await Promise.all([access.handle(new Request(link)), access.handle(new Request(link))])
    const locations = responses.map((response) => response.headers.get('location')).sort()
    expect(locations).toEqual([`${BASE_URL}/ui`, `${BASE_URL}/ui/sign-in?error=INVALID_TOKEN`])
    expect(responses.filter((response) => response.headers.has('set-cookie')).length).toBe(1)
  })

  test('does nothing once it has expired', async () => {
    const link = await access.createSignInLink()
    await platform.database.query.update(verification).set({ expiresAt: new Date(Date.now() - 1) })
    const response = await access.handle(new Request(link))
    expect(response.headers.get('location')).toContain('/ui/sign-in?error=')
    expect(response.headers.has('set-cookie')).toBe(false)
  })

  test('is not stored in plain text', async () => {
    const secret = new URL(await access.createSignInLink()).searchParams.get('token') ?? ''
    const rows = await platform.database.query.select().from(verification)
    expect(JSON.stringify(rows)).not.toContain(secret)
  })

  test('is refused for a stranger', async () => {
    await expect(access.createSignInLink('stranger@example.org')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('what is open without signing in', () => {
  test.each([
    ['POST', '/api/auth/sign-up/email'],
    ['POST', '/api/auth/sign-in/email'],
    ['POST', '/api/auth/sign-in/magic-link'],
    ['POST', '/api/auth/organization/create'],
    ['POST', '/api/auth/api-key/create'],
    ['GET', '/api/auth/get-session'],
    ['GET', '/api/auth/ok'],
  ])('%s %s is not', async (method, path) => {
    const body =
      method === 'POST' ? JSON.stringify({ email: 'stranger@example.org', password: 'x'.repeat(12), name: 'x' }) : null
    const headers = { 'content-type': 'application/json' }
    const response = await access.handle(new Request(`${BASE_URL}${path}`, { method, body, headers }))
    expect(response.status).toBe(404)
    expect(await platform.database.query.$count(user)).toBe(1)
  })
})

describe('a session', () => {
  test('ends at once when its person signs out', async () => {
    const cookie = await signIn()
    expect(await access.authenticate(new Headers({ cookie }))).toBeDefined()
    const headers = { cookie, origin: BASE_URL, 'content-type': 'application/json' }
    const response = await access.handle(
      new Request(`${BASE_URL}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' }),
    )
    expect(response.status).toBe(200)
    expect(await access.authenticate(new Headers({ cookie }))).toBeUndefined()
  })

  test('is not ended by another site', async () => {
    const cookie = await signIn()
    const headers = { cookie, origin: 'https://evil.example', 'content-type': 'application/json' }
    const response = await access.handle(
      new Request(`${BASE_URL}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' }),
    )
    expect(response.status).toBe(403)
    expect(await access.authenticate(new Headers({ cookie }))).toBeDefined()
  })

  test('may be used under every name of the machine', async () => {
    const cookie = await signIn()
    const origin = 'http://127.0.0.1:3000'
    const headers = { cookie, origin, 'content-type': 'application/json' }
    const response = await access.handle(
      new Request(`${origin}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' }),
    )
    expect(response.status).toBe(200)
  })

  test('outlives a restart, and ends when it expires', async () => {
    const cookie = await signIn()
    expect(await (await open()).authenticate(new Headers({ cookie }))).toBeDefined()
    await platform.database.query.update(session).set({ expiresAt: new Date(Date.now() - 1) })
    expect(await (await open()).authenticate(new Headers({ cookie }))).toBeUndefined()
  })

  test('with a changed signature is none', async () => {
    const cookie = await signIn()
    expect(await access.authenticate(new Headers({ cookie: `${cookie.slice(0, -6)}AAAAA%3D` }))).toBeUndefined()
  })
})

describe('a token', () => {
  test('works for far more than ten requests a day', async () => {
    let now = Date.now()
    const uncached = await open(() => (now += 60_000))
    for (let request = 0; request < 15; request++) {
      expect(await uncached.authenticate(bearer(token))).toBeDefined()
    }
  })

  test('is listed without its secret, and made with an end when asked', async () => {
    const created = await access.tokens.create(administrator, { name: 'laptop', expires_in_days: 3_650 })
    const listed = (await access.tokens.list(administrator)).find(({ id }) => id === created.id)
    expect(listed).toEqual({
      id: created.id,
      name: 'laptop',
      prefix: created.secret.slice(0, 10),
      created_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
    })
    const days = (Date.parse(listed?.expires_at ?? '') - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(3_650)
  })

  test('is refused at once after it was revoked', async () => {
    const { id, secret } = await access.tokens.create(administrator, { name: 'short-lived' })
    expect(await access.authenticate(bearer(secret))).toBeDefined()
    await access.tokens.revoke(administrator, id)
    expect(await access.authenticate(bearer(secret))).toBeUndefined()
    await expect(access.tokens.revoke(administrator, id)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('of another project cannot be seen or revoked', async () => {
    const { id } = await access.tokens.create(administrator, { name: 'mine' })
    const stranger: Principal = { ...administrator, project_id: 'another' }
    expect(await access.tokens.list(stranger)).toEqual([])
    await expect(access.tokens.revoke(stranger, id)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('is refused when it has expired, is disabled, or its person left the project', async () => {
    const check = async (change: () => Promise<unknown>) => {
      const { id, secret } = await access.tokens.create(administrator, { name: 'checked' })
      await change()
      expect(await (await open()).authenticate(bearer(secret))).toBeUndefined()
      await platform.database.query.delete(apikey).where(eq(apikey.id, id))
    }
    const { query } = platform.database
    await check(() =>
      query
        .update(apikey)
        .set({ expiresAt: new Date(Date.now() - 1) })
        .where(eq(apikey.name, 'checked')),
    )
    await check(() => query.update(apikey).set({ enabled: false }).where(eq(apikey.name, 'checked')))
    const [membership] = await query.select().from(member)
    await check(() => query.delete(member))
    if (membership) await query.insert(member).values(membership)
  })

  test('that is wrong is refused even beside a valid cookie, and nothing is logged', async () => {
    warnings.length = 0
    const cookie = await signIn()
    for (const authorization of ['Bearer bud_wrong', 'Bearer ', 'Basic YTpi', 'bud_wrong']) {
      expect(await access.authenticate(new Headers({ authorization, cookie }))).toBeUndefined()
    }
    expect(await access.authenticate(new Headers())).toBeUndefined()
    expect(warnings).toEqual([])
  })
})
