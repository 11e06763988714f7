/** Who may come in, by which door, and what is said to those who may not. */
import { contractRoutes } from '@bud/contract'
import { createId } from '@bud/kernel'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestFoundry, GATEWAY_TOKEN, type TestFoundry } from '../testing/create-test-foundry.ts'

let foundry: TestFoundry
let cookie: string
beforeAll(async () => {
  foundry = await createTestFoundry()
  cookie = await foundry.signIn()
})
afterAll(() => foundry.close())

const anonymous = (path: string, init?: RequestInit) =>
  fetch(new URL(path, foundry.url), { redirect: 'manual', ...init })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const json = { 'content-type': 'application/json' }

describe('someone unknown', () => {
  test('is told 401 at every route of the contract, before anything is read', async () => {
    const statuses = contractRoutes.map(async ({ method, path }) => {
      const answer = await anonymous(path.replace(/\{\w+\}/g, 'x'), { method })
      return `${method} ${path} ${answer.status}`
    })
    expect(await Promise.all(statuses)).toEqual(contractRoutes.map(({ method, path }) => `${method} ${path} 401`))
  })

  test('is told 401 also for uploads, the reference’s data and paths that do not exist', async () => {
    const put = await anonymous('/uploads/x/files/a', { method: 'PUT', body: 'x' })
    const answers = [put, await anonymous('/openapi.json'), await anonymous('/no/such/path')]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(await put.json()).toMatchObject({ code: 'UNAUTHORIZED', data: { reasons: [] } })
  })

  test('is sent from a page to the sign-in page, and back afterwards', async () => {
    for (const path of ['/', '/ui/', '/ui/endpoints/chat?tab=logs', '/reference']) {
      const answer = await anonymous(path)
      expect([answer.status, answer.headers.get('location')]).toEqual([
        302,
        `/ui/sign-in?next=${encodeURIComponent(path)}`,
      ])
    }
  })

  test('gets no further with a token that is made up, revoked, or a gateway’s', async () => {
    const created = await foundry.client.tokens.create({ name: 'short-lived' })
    const withToken = () => anonymous('/me', { headers: bearer(created.secret) })
    expect((await withToken()).status).toBe(200)
    await foundry.client.tokens.revoke({ id: created.id })
    expect((await withToken()).status).toBe(401)
    for (const token of ['made-up', '', GATEWAY_TOKEN])
      expect((await anonymous('/me', { headers: bearer(token) })).status).toBe(401)
  })

  test('may ask whether the server is well: 503 until everything is up', async () => {
    foundry.setReady(false)
    const starting = await anonymous('/health')
    expect([starting.status, await starting.json()]).toMatchObject([503, { status: 'starting' }])
    foundry.setReady(true)
    const well = await anonymous('/health')
    expect([well.status, await well.json()]).toMatchObject([200, { status: 'ok' }])
  })
})

describe('a signed-in browser', () => {
  const post = (headers: Record<string, string>, body = '{"name":"by-cookie"}') =>
    foundry.fetch('/inference-keys', { method: 'POST', headers: { cookie, ...headers }, body })

  test('reads and changes with its cookie alone', async () => {
    const me = await foundry.fetch('/me', { headers: { cookie } })
    expect(await me.json()).toMatchObject({ role: 'owner' })
    expect((await post({ ...json, origin: foundry.url })).status).toBe(201)
    expect((await post(json)).status).toBe(201)
  })

  test('is refused what another site’s page sends in its name', async () => {
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null']) {
      const answer = await post({ ...json, origin })
      expect(answer.status).toBe(403)
      expect((await answer.json()).message).toContain(origin)
    }
  })

  test('is refused forms and plain text, which other sites can send without asking', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])
      expect((await post({ 'content-type': type })).status).toBe(403)
  })

  test('is refused an upload from another site', async () => {
    const put = await foundry.fetch('/uploads/x/files/a', {
      method: 'PUT',
      headers: { cookie, origin: 'https://evil.example' },
      body: 'x',
    })
    expect(put.status).toBe(403)
  })

  test('is out once it has signed out', async () => {
    const leaving = await foundry.signIn()
    await foundry.fetch('/api/auth/sign-out', {
      method: 'POST',
      headers: { cookie: leaving, origin: foundry.url, ...json },
      body: '{}',
    })
    expect((await foundry.fetch('/me', { headers: { cookie: leaving } })).status).toBe(401)
  })

  test('cannot use a sign-in link twice', async () => {
    const { url } = await foundry.client.signInLinks.create()
    const link = new URL(new URL(url).pathname + new URL(url).search, foundry.url)
    const first = await fetch(link, { redirect: 'manual' })
    expect(first.headers.getSetCookie().join()).toContain('HttpOnly')
    const second = await fetch(link, { redirect: 'manual' })
    expect(second.headers.getSetCookie().filter((one) => /session_token=[^;]/.test(one))).toEqual([])
  })
})

describe('a gateway', () => {
  const report = { gateway_id: 'gateway-1', applied_version: 0, in_flight: [] }
  const call = (path: string, body: unknown, token = GATEWAY_TOKEN) =>
    anonymous(`/internal/gateway/${path}`, {
      method: 'POST',
      headers: { ...bearer(token), ...json },
      body: JSON.stringify(body),
    })

  test('is let in by its own token only', async () => {
    const request = { report, wait_ms: 0 }
    expect((await anonymous('/internal/gateway/sync', { method: 'POST' })).status).toBe(401)
    for (const token of ['', 'made-up', `${GATEWAY_TOKEN}x`, foundry.token])
      expect((await call('sync', request, token)).status).toBe(401)
    expect((await call('usage', { records: [] }, foundry.token)).status).toBe(401)
  })

  test('gets a newer snapshot at once, and 204 when there is none', async () => {
    await foundry.client.inferenceKeys.create({ name: 'for-the-snapshot' })
    const answer = await call('sync', { report, wait_ms: 0 })
    expect(answer.status).toBe(200)
    const snapshot = await answer.json()
    expect(snapshot.version).toBeGreaterThan(0)
    const again = { report: { ...report, applied_version: snapshot.version }, wait_ms: 0 }
    expect((await call('sync', again)).status).toBe(204)
  })

  test('hands in usage, twice without counting twice', async () => {
    const { project } = await foundry.client.system.me()
    const record = {
      id: createId('usage'),
      at: new Date().toISOString(),
      project_id: project.id,
      ...{ key_id: createId('key'), route_id: createId('route'), endpoint_id: createId('ep'), upstream_id: 'r-0' },
      ...{ status: 200, streamed: false, prompt_tokens: 3, completion_tokens: 4, ttft_ms: 5, duration_ms: 6 },
    }
    for (let i = 0; i < 2; i++) {
      const answer = await call('usage', { records: [record] })
      expect([answer.status, await answer.json()]).toEqual([200, { accepted: 1 }])
    }
    const usage = await foundry.services.traffic.usageOf(record.endpoint_id, new Date(0).toISOString())
    expect(usage).toEqual({ requests: 1, failed_requests: 0, prompt_tokens: 3, completion_tokens: 4 })
  })

  test('that says something else is told what is wrong with it', async () => {
    const answer = await call('sync', { report: { gateway_id: 'gateway-1' }, wait_ms: -1 })
    expect(answer.status).toBe(422)
    const { message } = await answer.json()
    for (const field of ['applied_version', 'in_flight', 'wait_ms']) expect(message).toContain(field)
  })
})

describe('every answer', () => {
  test('keeps browsers from guessing types, leaking addresses and framing', async () => {
    for (const path of ['/health', '/me', '/ui/', '/no/such/path']) {
      const { headers } = await anonymous(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('x-frame-options')).toBe('DENY')
    }
  })

  test('of the dashboard allows this server and the gateway, and no other place', async () => {
    const policy = (await anonymous('/ui/sign-in')).headers.get('content-security-policy') ?? ''
    const directives = Object.fromEntries(policy.split('; ').map((text) => text.split(/ (.*)/s, 2)))
    expect(directives['default-src']).toBe("'self'")
    expect(directives['connect-src']).toMatch(/^'self' http:\/\/localhost:\d+$/)
    expect(directives['frame-ancestors']).toBe("'none'")
    expect(policy).not.toMatch(/unsafe-eval|\*/)
  })
})

describe('the OpenAPI document', () => {
  test('is valid', async () => {
    const document = await (await foundry.fetch('/openapi.json')).json()
    expect(document.openapi).toMatch(/^3\.1/)
    expect(await new Validator().validate(document)).toEqual({ valid: true })
  })

  test('holds every route of the contract with its success status and the shape of errors, and no other', async () => {
    const { paths } = await (await foundry.fetch('/openapi.json')).json()
    const documented = Object.entries<Record<string, { responses: object }>>(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { responses }]) => `${method.toUpperCase()} ${path} ${Object.keys(responses).join()}`,
      ),
    )
    expect(documented.sort()).toEqual(
      contractRoutes.map(({ method, path, successStatus }) => `${method} ${path} ${successStatus},default`).sort(),
    )
  })

  test('tells of Idempotency-Key where something is made or begun', async () => {
    const { paths } = await (await foundry.fetch('/openapi.json')).json()
    const made = contractRoutes.filter(({ method, successStatus }) => method === 'POST' && successStatus > 200)
    for (const { path } of made) {
      const names = paths[path].post.parameters.map((parameter: { name: string }) => parameter.name)
      expect(names).toContain('Idempotency-Key')
    }
  })

  test('has a page to read it on', async () => {
    const page = await foundry.fetch('/reference/', { headers: { cookie } })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
  })
})
