import { describeRoutePublisher } from '@bud/budcluster/testing/route-publisher.contract'
import { type Clock, type GatewayReport, systemClock, type Upstream, type UsageRecord } from '@bud/kernel'
import { HISTORY_KEPT_MS, type Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTraffic, type Traffic, trafficMigrations } from './create-traffic.ts'
import { gateways } from './services/tables.ts'

/** Time that passes only by `pass` or while nobody is awake. */
class ManualClock implements Clock {
  now = Date.UTC(2026, 0, 1)
  nowMs = () => this.now
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.now += ms
  }
}

let platform: Platform
beforeAll(async () => {
  platform = await createTestPlatform()
  await platform.migrate('budtraffic', trafficMigrations)
})
afterAll(() => platform.close())

let clock: ManualClock
let traffic: Traffic
let project: string
let serial = 0
const trafficWith = (some: Clock) =>
  createTraffic({ database: platform.database, events: platform.events, clock: some })
beforeEach(async () => {
  await platform.database.query.delete(gateways)
  clock = new ManualClock()
  traffic = trafficWith(clock)
  project = `project-${serial++}`
})

const owner = () => ({ user_id: 'user-1', project_id: project })
const report = (change: Partial<GatewayReport> = {}): GatewayReport => ({
  gateway_id: 'g1',
  applied_version: 0,
  in_flight: [],
  ...change,
})
const upstream = (id: string, endpoint_id = 'ep-1'): Upstream => ({
  id,
  base_url: `http://127.0.0.1:9/replicas/${id}`,
  endpoint_id,
  model: 'chat',
})
const publish = (upstreams: Upstream[], endpoint_id = 'ep-1', route_name = 'chat') =>
  traffic.routePublisher.publish({ project_id: project, route_name, endpoint_id, upstreams })

async function snapshot() {
  const found = await traffic.sync(report(), { waitMs: 0 })
  if (!found) throw new Error('no snapshot')
  return found
}
const ownRoutes = async () => (await snapshot()).routes.filter(({ project_id }) => project_id === project)

describeRoutePublisher('budtraffic', async () => {
  const upstreams = async (endpointId: string) =>
    (await ownRoutes()).flatMap(({ backends }) => backends).find(({ endpoint_id }) => endpoint_id === endpointId)
      ?.upstreams ?? []
  return {
    publisher: traffic.routePublisher,
    project_id: project,
    upstreams,
    setInFlight: async (upstream_id, count) => {
      const { version } = await snapshot()
      await traffic.sync(report({ applied_version: version, in_flight: [{ upstream_id, count }] }), { waitMs: 0 })
    },
  }
})

describe('routes', () => {
  it('keep two endpoints behind one name, and end with the last', async () => {
    await publish([upstream('a')])
    await publish([upstream('x', 'ep-2')], 'ep-2')
    const [route, ...others] = await ownRoutes()
    expect(others).toEqual([])
    expect(route).toMatchObject({
      name: 'chat',
      backends: [{ endpoint_id: 'ep-1', weight: 1 }, { endpoint_id: 'ep-2' }],
    })
    await traffic.routePublisher.withdraw({ project_id: project, endpoint_id: 'ep-1' })
    expect((await ownRoutes())[0]?.backends.map(({ endpoint_id }) => endpoint_id)).toEqual(['ep-2'])
    await traffic.routePublisher.withdraw({ project_id: project, endpoint_id: 'ep-2' })
    expect(await ownRoutes()).toEqual([])
  })

  it('of one name belong to each project alone', async () => {
    await publish([upstream('a')])
    const first = project
    project = `project-${serial++}`
    await publish([upstream('b')])
    await traffic.routePublisher.withdraw({ project_id: first, endpoint_id: 'ep-1' })
    expect((await ownRoutes())[0]?.backends[0]?.upstreams.map(({ id }) => id)).toEqual(['b'])
  })

  it('publish nothing anew when nothing changed', async () => {
    const first = await publish([upstream('a')])
    expect(await publish([upstream('a')])).toEqual(first)
  })

  it('tell the project’s screens', async () => {
    const stop = new AbortController()
    const events = platform.events.subscribe(project, stop.signal)[Symbol.asyncIterator]()
    await publish([upstream('a')])
    expect((await events.next()).value).toMatchObject({ type: 'route.changed', id: (await ownRoutes())[0]?.id })
    stop.abort()
  })

  it('give every one of many changes at once a version of its own', async () => {
    const versions = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => publish([upstream(id)], `ep-${id}`, id)))
    expect(new Set(versions.map(({ version }) => version)).size).toBe(5)
    expect(await ownRoutes()).toHaveLength(5)
  })
})

describe('sync', () => {
  it('answers at once when the gateway has another version, also a later one', async () => {
    const { version } = await publish([upstream('a')])
    expect((await traffic.sync(report({ applied_version: version - 1 }), { waitMs: 0 }))?.version).toBe(version)
    expect((await traffic.sync(report({ applied_version: version + 7 }), { waitMs: 0 }))?.version).toBe(version)
  })

  it('says nothing when the wait is over without a change', async () => {
    const { version } = await publish([upstream('a')])
    const startedMs = clock.nowMs()
    expect(await traffic.sync(report({ applied_version: version }), { waitMs: 2_000 })).toBeUndefined()
    expect(clock.nowMs() - startedMs).toBe(2_000)
  })

  it('answers a waiting gateway as soon as something changes', async () => {
    traffic = trafficWith(systemClock)
    const { version } = await publish([upstream('a')])
    const waiting = traffic.sync(report({ applied_version: version }), { waitMs: 5_000 })
    const startedMs = performance.now()
    const next = await publish([upstream('b')])
    expect((await waiting)?.version).toBe(next.version)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })

  it('ends when the gateway hangs up', async () => {
    traffic = trafficWith(systemClock)
    const { version } = await publish([upstream('a')])
    const gone = new AbortController()
    const waiting = traffic.sync(report({ applied_version: version }), { waitMs: 5_000, signal: gone.signal })
    gone.abort()
    expect(await waiting).toBeUndefined()
  })

  it('forgets a gateway that was silent for an hour, but not for an hour in which nobody listened', async () => {
    const known = async () => (await platform.database.query.select().from(gateways)).map(({ id }) => id)
    await traffic.sync(report({ gateway_id: 'gone' }), { waitMs: 0 })
    clock.now += 3_600_001
    await trafficWith(clock).prune()
    expect(await known()).toEqual(['gone'])
    await traffic.sync(report({ gateway_id: 'here' }), { waitMs: 0 })
    await traffic.prune()
    expect(await known()).toEqual(['here'])
  })

  it('starts at a version that no earlier database has used', async () => {
    expect((await snapshot()).version).toBeGreaterThan(1_700_000_000)
  })
})

describe('draining', () => {
  const drained = (version: number, timeout_ms: number) =>
    traffic.routePublisher.waitDrained({ upstream_ids: ['a'], version, timeout_ms })

  it('waits for every live gateway, and no longer than its lease for a silent one', async () => {
    const { version } = await publish([upstream('b')])
    await traffic.sync(report({ gateway_id: 'quick', applied_version: version }), { waitMs: 0 })
    await traffic.sync(report({ gateway_id: 'silent', applied_version: version - 1 }), { waitMs: 0 })
    expect(await drained(version, 5_000)).toEqual({ drained: false })
    const startedMs = clock.nowMs()
    expect(await drained(version, 60_000)).toEqual({ drained: true })
    expect(clock.nowMs() - startedMs).toBeLessThanOrEqual(5_000)
  })

  it('hears every gateway first after the control plane was away', async () => {
    const { version } = await publish([upstream('b')])
    const busy = report({ gateway_id: 'busy', applied_version: version, in_flight: [{ upstream_id: 'a', count: 1 }] })
    await traffic.sync(busy, { waitMs: 0 })
    clock.now += 7_200_000
    traffic = trafficWith(clock)
    await traffic.sync(report({ gateway_id: 'other', applied_version: version }), { waitMs: 0 })
    expect(await drained(version, 5_000)).toEqual({ drained: false })
    expect(await drained(version, 60_000)).toEqual({ drained: true })
    expect(clock.nowMs() - Date.UTC(2026, 0, 1) - 7_200_000).toBeGreaterThanOrEqual(10_000)
  })

  it('is noticed when the last gateway reports, not at the next look', async () => {
    traffic = trafficWith(systemClock)
    const { version } = await publish([upstream('b')])
    const busy = report({ applied_version: version, in_flight: [{ upstream_id: 'a', count: 1 }] })
    await traffic.sync(busy, { waitMs: 0 })
    const waiting = drained(version, 5_000)
    await traffic.sync({ ...busy, in_flight: [] }, { waitMs: 0 })
    expect(await waiting).toEqual({ drained: true })
  })
})

describe('keys', () => {
  it('are shown once, kept as a digest, and in the snapshot until revoked', async () => {
    const created_at = new Date(clock.nowMs()).toISOString()
    const { id, name, secret } = await traffic.keys.create(owner(), { name: 'laptop' })
    expect(secret).toMatch(/^bud-sk-[\w-]{43}$/)
    const { createHash } = await import('node:crypto')
    const sha256 = createHash('sha256').update(secret).digest('hex')
    expect((await snapshot()).keys).toContainEqual({ id, sha256, project_id: project })
    expect(await traffic.keys.list(owner())).toEqual([
      { id, name, prefix: secret.slice(0, 12), created_at, last_used_at: null },
    ])
    const before = (await snapshot()).version
    await traffic.keys.revoke(owner(), id)
    expect((await snapshot()).keys.map((key) => key.id)).not.toContain(id)
    expect((await snapshot()).version).toBeGreaterThan(before)
    expect(await traffic.keys.list(owner())).toEqual([])
  })

  it('of another project cannot be seen or revoked', async () => {
    const { id } = await traffic.keys.create(owner(), { name: 'laptop' })
    const stranger = { user_id: 'user-2', project_id: 'project-other' }
    const before = (await snapshot()).version
    await expect(traffic.keys.revoke(stranger, id)).rejects.toMatchObject({ code: 'not-found' })
    expect((await snapshot()).version).toBe(before)
    expect(await traffic.keys.list(stranger)).toEqual([])
  })
})

describe('usage', () => {
  const record = (id: string, change: Partial<UsageRecord> = {}): UsageRecord => ({
    id: `${project}-${id}`,
    at: new Date(clock.nowMs()).toISOString(),
    project_id: project,
    key_id: 'key-1',
    route_id: 'route-1',
    endpoint_id: project,
    upstream_id: 'u-1',
    status: 200,
    streamed: true,
    prompt_tokens: 7,
    completion_tokens: 3,
    ttft_ms: 12.5,
    duration_ms: 80.25,
    ...change,
  })
  const total = (from = clock.nowMs() - 1_000) => traffic.usageOf(project, new Date(from).toISOString())

  it('counts each request once, however often it is delivered', async () => {
    await traffic.ingestUsage([record('a'), record('b'), record('a')])
    await traffic.ingestUsage([record('b'), record('c', { prompt_tokens: null, completion_tokens: null })])
    expect(await total()).toEqual({ requests: 3, failed_requests: 0, prompt_tokens: 14, completion_tokens: 6 })
  })

  it('counts as failed what the service failed, not the client', async () => {
    await traffic.ingestUsage(['200', '400', '499', '500', '502', '504'].map((s) => record(s, { status: Number(s) })))
    expect(await total()).toMatchObject({ requests: 6, failed_requests: 3 })
  })

  it('is asked for from a moment on', async () => {
    await traffic.ingestUsage([record('old', { at: new Date(clock.nowMs() - 60_000).toISOString() }), record('new')])
    expect((await total()).requests).toBe(1)
    expect((await total(0)).requests).toBe(2)
  })

  it('is kept for 90 days, however much of it grows old at once', async () => {
    const at = (ms: number) => ({ at: new Date(clock.nowMs() - HISTORY_KEPT_MS + ms).toISOString() })
    await traffic.ingestUsage(Array.from({ length: 10_001 }, (_, i) => record(`old-${i}`, at(-1))))
    await traffic.ingestUsage([record('kept', at(0)), record('new')])
    await traffic.prune()
    expect((await total(0)).requests).toBe(2)
  })

  it('is nothing for an endpoint that was never called', async () => {
    expect(await traffic.usageOf('ep-none', new Date(0).toISOString())).toEqual({
      requests: 0,
      failed_requests: 0,
      prompt_tokens: 0,
      completion_tokens: 0,
    })
  })

  it('says when a key was last used, whatever order usage comes in', async () => {
    const { id } = await traffic.keys.create(owner(), { name: 'laptop' })
    const at = (ms: number) => new Date(clock.nowMs() + ms).toISOString()
    await traffic.ingestUsage([record('1', { key_id: id, at: at(5_000) }), record('2', { key_id: id, at: at(1_000) })])
    await traffic.ingestUsage([record('3', { key_id: id, at: at(2_000) })])
    expect((await traffic.keys.list(owner()))[0]?.last_used_at).toBe(at(5_000))
  })

  it('takes thousands of records in one batch', async () => {
    await traffic.ingestUsage(Array.from({ length: 5_000 }, (_, i) => record(String(i))))
    expect((await total()).requests).toBe(5_000)
  })
})
