/** What `Idempotency` guarantees on every database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSecretBox } from '../adapters/aes-secret-box.ts'
import { createPostgresIdempotency } from '../adapters/postgres-idempotency.ts'
import { sql } from '../drizzle.ts'
import type { Claim, Idempotency, RepeatableRequest } from '../ports.ts'
import type { Store } from './open-store.ts'
import { randomSecretKey } from './random-secret-key.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

export function describeIdempotency(name: string, open: () => Promise<Store>): void {
  describe(`idempotency on ${name}`, () => {
    let store: Store
    let idempotency: Idempotency
    let nowMs = Date.UTC(2026, 0, 1)
    let count = 0

    beforeAll(async () => {
      store = await open()
      await store.migrate()
      const secrets = createSecretBox(randomSecretKey())
      idempotency = createPostgresIdempotency({ database: store.database, secrets, nowMs: () => nowMs })
    })
    afterAll(() => store.close())

    const newRequest = (): RepeatableRequest => ({
      project_id: 'project-1',
      caller: 'ada',
      route: 'POST /endpoints',
      key: `key-${count++}`,
      digest: 'digest-1',
    })
    const answer = { status: 202, body: '{"id":"ep-1"}' }
    const claimIdOf = (claim: Claim): string => {
      if (claim.state !== 'claimed') throw new Error(`The claim is ${claim.state}.`)
      return claim.claim_id
    }
    const take = async (request: RepeatableRequest) => claimIdOf(await idempotency.claim(request))

    test('a request that was answered gets the same answer again', async () => {
      const request = newRequest()
      await idempotency.keep(await take(request), answer)
      expect(await idempotency.claim(request)).toEqual({ state: 'answered', answer })
      expect(await idempotency.claim(request)).toEqual({ state: 'answered', answer })
    })

    test('of twenty that come at the same time one may act', async () => {
      const request = newRequest()
      const claims = await Promise.all(Array.from({ length: 20 }, () => idempotency.claim(request)))
      expect(claims.filter(({ state }) => state === 'claimed')).toHaveLength(1)
      expect(claims.filter(({ state }) => state === 'under-way')).toHaveLength(19)
    })

    test('another content under the same key is told apart, while under way and after', async () => {
      const request = newRequest()
      const other = { ...request, digest: 'digest-2' }
      const claimId = await take(request)
      expect(await idempotency.claim(other)).toEqual({ state: 'other-request' })
      await idempotency.keep(claimId, answer)
      expect(await idempotency.claim(other)).toEqual({ state: 'other-request' })
    })

    test('a key belongs to its project, caller and route', async () => {
      const request = newRequest()
      await idempotency.keep(await take(request), answer)
      const others = [
        { ...request, project_id: 'project-2' },
        { ...request, caller: 'grace' },
        { ...request, route: 'POST /models' },
      ]
      for (const other of others) expect((await idempotency.claim(other)).state).toBe('claimed')
    })

    test('a released key may be used again, also with another content', async () => {
      const request = newRequest()
      await idempotency.release(await take(request))
      await idempotency.release(await take({ ...request, digest: 'digest-2' }))
      expect((await idempotency.claim(request)).state).toBe('claimed')
    })

    test('a request that a crash cut off may be made again after a minute; the late one’s answer is not taken', async () => {
      const request = newRequest()
      const late = await take(request)
      nowMs += MINUTE_MS
      expect(await idempotency.claim(request)).toEqual({ state: 'under-way' })
      nowMs += 1
      const second = await take(request)
      await idempotency.keep(late, { status: 202, body: 'late' })
      await idempotency.release(late)
      expect(await idempotency.claim(request)).toEqual({ state: 'under-way' })
      await idempotency.keep(second, answer)
      expect(await idempotency.claim(request)).toEqual({ state: 'answered', answer })
    })

    test('an answer is kept for a day, and then forgotten', async () => {
      const request = newRequest()
      await idempotency.keep(await take(request), answer)
      nowMs += DAY_MS
      await idempotency.forgetOld()
      expect(await idempotency.claim(request)).toEqual({ state: 'answered', answer })
      nowMs += 1
      expect((await idempotency.claim(request)).state).toBe('claimed')
      nowMs += DAY_MS + 1
      await idempotency.forgetOld()
      const { rows } = await store.database.query.execute(
        sql`select count(*)::int as count from platform.idempotency_keys`,
      )
      expect(rows).toEqual([{ count: 0 }])
    })

    test('an answer lies encrypted, for it may hold a secret', async () => {
      await idempotency.keep(await take(newRequest()), { status: 201, body: 'bud-token-in-clear' })
      const { rows } = await store.database.query.execute(sql`select * from platform.idempotency_keys`)
      expect(JSON.stringify(rows)).not.toContain('bud-token-in-clear')
    })
  })
}
