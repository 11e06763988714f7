import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Access, createAccess } from './create-access.ts'

const BASE_URL = 'http://localhost:3000'
const log = { info() {}, warn: console.warn, error: console.error }
let platform: Awaited<ReturnType<typeof createTestPlatform>>
let access: Access
let token: string

beforeAll(async () => {
  platform = await createTestPlatform()
  access = await createAccess({ platform, baseUrl: BASE_URL, log })
  token = (await access.bootstrap()).token ?? ''
})
afterAll(() => platform.close())

const bearer = (secret: string) => new Headers({ authorization: `Bearer ${secret}` })

test('the first start makes the administrator, a project and a token, the next ones nothing', async () => {
  expect(await access.bootstrap()).toEqual({ created: false })
  expect(await access.authenticate(bearer(token))).toMatchObject({
    email: 'admin@localhost',
    project_name: 'default',
    role: 'owner',
    via: 'token',
  })
})

test('a one-time link signs in once', async () => {
  const link = await access.createSignInLink()
  const response = await access.handle(new Request(link))
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toBe(`${BASE_URL}/ui`)
  const cookie = response.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
  expect(await access.authenticate(new Headers({ cookie: cookie.split(';')[0] ?? '' }))).toMatchObject({
    email: 'admin@localhost',
    via: 'session',
  })
  const again = await access.handle(new Request(link))
  expect(again.headers.get('location')).toBe(`${BASE_URL}/ui/sign-in?error=INVALID_TOKEN`)
  expect(again.headers.get('set-cookie')).toBeNull()
})
