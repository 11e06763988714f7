import type { BudEvent, Platform } from '@bud/platform'
import { sql } from '@bud/platform/drizzle'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { metricsMigrations } from './index.ts'
import { type EngineFigures, enginePage, gpuPage } from './testing/engine-page.ts'
import { createTestMetrics, type TestMetrics, testTarget } from './testing/test-metrics.ts'

const PROJECT = { project_id: 'project-1' }
const ANNA = { project_id: 'project-1', name: 'Anna' }
const URL_0 = 'http://replica-0/metrics'
let platform: Platform
beforeAll(async () => {
  platform = await createTestPlatform()
  await platform.migrate('budmetrics', metricsMigrations)
})
afterEach(async () => {
  await platform.database.query.execute(sql`truncate budmetrics.minutes, budmetrics.rule_settings, budmetrics.alerts`)
})
afterAll(() => platform.close())

const serve = ({ source }: TestMetrics, figures: EngineFigures, url = URL_0) =>
  source.pages.set(url, enginePage('vllm', figures))
const open = (target = testTarget()): TestMetrics => {
  const test = createTestMetrics(platform)
  test.targets.push(target)
  return test
}
const alertsOf = ({ metrics }: TestMetrics) => metrics.alerts.list(PROJECT, { limit: 50 })
const valuesOf = async ({ metrics }: TestMetrics, metric: string, minutes: number) =>
  (await metrics.series('ep-1', { minutes })).series.find((one) => one.metric === metric)

describe('alerts', () => {
  it('go from pending to firing to resolved, each with its arithmetic, and are told of', async () => {
    const test = open()
    const events: BudEvent[] = []
    const listening = new AbortController()
    const heard = (async () => {
      for await (const event of platform.events.subscribe('project-1', listening.signal)) events.push(event)
    })()
    await test.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 10 })
    serve(test, { waiting: 140, running: 8 })
    await test.rounds(2)
    expect(await alertsOf(test)).toMatchObject([
      {
        state: 'pending',
        value: 140,
        firing_at: null,
        message: 'queue_depth 140 requests > 100 requests, for 5 s of 10 s.',
      },
    ])
    await test.rounds(1)
    const [firing] = await alertsOf(test)
    expect(firing).toMatchObject({
      endpoint_id: 'ep-1',
      endpoint_name: 'chat',
      metric: 'queue_depth',
      state: 'firing',
      pending_at: '2026-11-02T10:00:00.000Z',
      firing_at: '2026-11-02T10:00:10.000Z',
      rule: { threshold: 100, for_s: 10, source: 'edited' },
    })
    serve(test, { waiting: 4, running: 8 })
    await test.rounds(3)
    expect(await alertsOf(test)).toEqual([
      {
        ...firing,
        state: 'resolved',
        value: 4,
        message: 'queue_depth 4 requests ≤ 100 requests; fired for 15 s.',
        resolved_at: '2026-11-02T10:00:25.000Z',
      },
    ])
    listening.abort()
    await heard
    expect(events).toEqual(Array(3).fill({ project_id: 'project-1', type: 'alert.changed', id: firing?.id }))
  })

  it('leave nothing behind when the condition ended before they fired', async () => {
    const test = open()
    serve(test, { waiting: 140 })
    await test.rounds(3)
    serve(test, { waiting: 0 })
    await test.rounds(1)
    expect(await alertsOf(test)).toEqual([])
  })

  it('are one per rule, however often it is evaluated, and a new one when it fires anew', async () => {
    const test = open()
    await test.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 0 })
    await test.rounds(6, (round) => serve(test, { waiting: round % 3 === 2 ? 0 : 140 }))
    const alerts = await alertsOf(test)
    expect(alerts.map((alert) => alert.state)).toEqual(['resolved', 'resolved'])
    expect(new Set(alerts.map((alert) => alert.id)).size).toBe(2)
  })

  it('fire on a p99 only with enough requests', async () => {
    const test = open()
    await test.metrics.rules.edit(ANNA, 'ep-1', 'ttft_p99', { for_s: 0 })
    serve(test, { ttft: [] })
    await test.rounds(1)
    serve(test, { ttft: Array(19).fill(0.7), running: 1 })
    await test.rounds(1)
    expect(await alertsOf(test)).toEqual([])
    serve(test, { ttft: Array(20).fill(0.7), running: 1 })
    await test.rounds(1)
    expect(await alertsOf(test)).toMatchObject([
      { state: 'firing', metric: 'ttft_p99', message: 'ttft_p99 748 ms > 500 ms over 20 requests in 1 min, for 0 s.' },
    ])
  })

  it('fire on throughput below the approved target, while requests wait', async () => {
    const test = open()
    await test.metrics.rules.setTargets({ ...PROJECT, endpoint_id: 'ep-1', targets: { tokens_per_s: 1000 } })
    await test.metrics.rules.edit(ANNA, 'ep-1', 'throughput', { for_s: 0 })
    await test.rounds(3, (round) => serve(test, { generation_tokens: round * 2000, waiting: 0 }))
    expect(await alertsOf(test)).toEqual([])
    await test.rounds(1, () => serve(test, { generation_tokens: 6000, waiting: 3 }))
    expect(await alertsOf(test)).toMatchObject([{ metric: 'throughput', state: 'firing', value: 400 }])
  })

  it('keep firing when the engine is not heard any more, and say since when and why', async () => {
    const test = open()
    await test.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 0 })
    serve(test, { waiting: 140 })
    await test.rounds(1)
    test.source.pages.clear()
    await test.rounds(24)
    expect(await alertsOf(test)).toMatchObject([
      {
        state: 'firing',
        value: 140,
        message: `No data since 2026-11-02T10:00:15.000Z: no data for queue_depth (chat-r1-0: ${URL_0} did not answer: connection refused). Stays firing until it can be told.`,
      },
    ])
    serve(test, { waiting: 0 })
    await test.rounds(1)
    expect(await alertsOf(test)).toMatchObject([{ state: 'resolved' }])
  })

  it('survive a restart: a firing alert goes on as the same one', async () => {
    const first = open()
    await first.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 10 })
    serve(first, { waiting: 140 })
    await first.rounds(3)
    const [before] = await alertsOf(first)

    const second = open()
    second.clock.ms = first.clock.ms + 600_000
    await second.rounds(1)
    expect(await alertsOf(second)).toMatchObject([
      { id: before?.id, state: 'firing', message: expect.stringContaining('No data since 2026-11-02T10:00:10.000Z') },
    ])
    serve(second, { waiting: 0 })
    await second.rounds(3)
    expect(await alertsOf(second)).toMatchObject([{ id: before?.id, state: 'resolved', firing_at: before?.firing_at }])
  })

  it('do not fire after a restart on time that nobody watched', async () => {
    const first = open()
    serve(first, { waiting: 140 })
    await first.rounds(3)
    const second = open()
    second.clock.ms = first.clock.ms + 600_000
    serve(second, { waiting: 140 })
    await second.rounds(1)
    expect(await alertsOf(second)).toMatchObject([{ state: 'pending', pending_at: '2026-11-02T10:10:15.000Z' }])
  })

  it('end when their endpoint was deleted, not when it only has nothing to ask', async () => {
    const test = open()
    await test.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 0 })
    serve(test, { waiting: 140 })
    await test.rounds(1)
    test.targets.length = 0
    await test.rounds(9)
    expect(await alertsOf(test)).toMatchObject([
      { state: 'firing', message: expect.stringContaining('no data for queue_depth (no ready replica to ask)') },
    ])
    test.deleted.add('ep-1')
    await test.rounds(3)
    expect(await alertsOf(test)).toMatchObject([
      { state: 'resolved', message: 'The endpoint chat was deleted.', resolved_at: '2026-11-02T10:01:00.000Z' },
    ])
    expect(test.metrics.latest('ep-1')).toBeUndefined()
  })

  it('stay while it cannot be said whether their endpoint exists', async () => {
    const first = open()
    await first.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 0 })
    serve(first, { waiting: 140 })
    await first.rounds(1)
    const second = createTestMetrics(platform, {
      targets: { list: async () => [], exists: () => Promise.reject(new Error('cluster is away')) },
    })
    await second.rounds(3)
    expect(second.warnings).toEqual(['Metrics: it cannot be said whether endpoint ep-1 still exists: cluster is away'])
    expect(await alertsOf(second)).toMatchObject([{ state: 'firing' }])
  })

  it('of an endpoint deleted while nobody watched end after the restart', async () => {
    const first = open()
    await first.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 0 })
    serve(first, { waiting: 140 })
    await first.rounds(1)
    const second = createTestMetrics(platform)
    await second.rounds(3)
    expect(await alertsOf(second)).toMatchObject([{ state: 'firing' }])
    second.deleted.add('ep-1')
    await second.rounds(3)
    expect(await alertsOf(second)).toMatchObject([{ state: 'resolved' }])
  })

  it('conclude nothing while targets cannot be listed', async () => {
    const test = createTestMetrics(platform, {
      targets: { list: () => Promise.reject(new Error('cluster is away')), exists: async () => false },
    })
    await expect(test.metrics.tick()).rejects.toThrow('cluster is away')
  })

  it('are listed firing first, by project, state and endpoint', async () => {
    const test = open()
    test.targets.push(
      testTarget({
        endpoint_id: 'ep-2',
        endpoint_name: 'mail',
        replicas: [{ id: 'mail-r1-0', metrics_url: 'http://mail/metrics' }],
      }),
    )
    test.targets.push(testTarget({ endpoint_id: 'ep-3', project_id: 'project-2' }))
    await test.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 0 })
    serve(test, { waiting: 140 })
    await test.rounds(1)
    serve(test, { waiting: 140 }, 'http://mail/metrics')
    await test.rounds(1)
    expect((await alertsOf(test)).map(({ endpoint_id, state }) => [endpoint_id, state])).toEqual([
      ['ep-1', 'firing'],
      ['ep-2', 'pending'],
    ])
    const list = (filter: object) => test.metrics.alerts.list(PROJECT, { limit: 50, ...filter })
    expect(await list({ state: 'pending' })).toHaveLength(1)
    expect(await list({ endpoint_id: 'ep-1' })).toHaveLength(1)
    expect(await list({ limit: 1 })).toHaveLength(1)
    expect(await test.metrics.alerts.list({ project_id: 'project-2' }, { limit: 50 })).toHaveLength(1)
  })
})

describe('rules', () => {
  it('are the defaults, then the approved targets, then what a person set, and back', async () => {
    const { metrics } = open()
    const queue = async () => (await metrics.rules.list('ep-1')).find(({ metric }) => metric === 'ttft_p99')
    expect(await queue()).toMatchObject({ threshold: 500, source: 'default' })
    await metrics.rules.setTargets({ ...PROJECT, endpoint_id: 'ep-1', targets: { ttft_ms: 300 } })
    expect(await queue()).toMatchObject({ threshold: 300, source: 'approved-target' })
    expect(await metrics.rules.edit(ANNA, 'ep-1', 'ttft_p99', { threshold: 250, min_samples: 5 })).toEqual({
      metric: 'ttft_p99',
      op: '>',
      threshold: 250,
      for_s: 300,
      min_samples: 5,
      only_when_queued: false,
      source: 'edited',
    })
    await metrics.rules.edit(ANNA, 'ep-1', 'ttft_p99', { for_s: 60 })
    await metrics.rules.setTargets({ ...PROJECT, endpoint_id: 'ep-1', targets: { ttft_ms: 400 } })
    expect(await queue()).toMatchObject({ threshold: 250, for_s: 60, min_samples: 5, source: 'edited' })
    expect(await metrics.rules.edit(ANNA, 'ep-1', 'ttft_p99', { reset: true })).toMatchObject({
      threshold: 400,
      for_s: 300,
    })
    await metrics.rules.setTargets({ ...PROJECT, endpoint_id: 'ep-1', targets: {} })
    expect(await queue()).toMatchObject({ threshold: 500, source: 'default' })
  })

  it('follow the targets an endpoint was deployed with', async () => {
    const test = open(testTarget({ targets: { ttft_ms: 300 } }))
    await test.rounds(1)
    const ttft = async () => (await test.metrics.rules.list('ep-1')).find(({ metric }) => metric === 'ttft_p99')
    expect(await ttft()).toMatchObject({ threshold: 300, source: 'approved-target' })
    test.targets[0] = testTarget({ targets: { ttft_ms: 200 } })
    await test.rounds(1)
    expect(await ttft()).toMatchObject({ threshold: 200 })
  })

  it('refuse an edit that says nothing, or two things', async () => {
    const { metrics } = open()
    await expect(metrics.rules.edit(ANNA, 'ep-1', 'ttft_p99', {})).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(metrics.rules.edit(ANNA, 'ep-1', 'ttft_p99', { reset: true, for_s: 1 })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })
})

describe('series', () => {
  it('has the five metrics with unit, source and latest value', async () => {
    const test = open(testTarget({ nodes: [{ node: 'node-1', metrics_url: 'http://node-1/metrics', gpus: [0, 2] }] }))
    test.source.pages.set('http://node-1/metrics', gpuPage([80, 0, 60, 0]))
    await test.rounds(2, (round) =>
      serve(test, {
        generation_tokens: round * 500,
        waiting: 7,
        ttft: Array(round * 100).fill(0.2),
        e2e: Array(round * 10).fill(0.9),
      }),
    )
    const { series, ...rest } = await test.metrics.series('ep-1', { minutes: 30 })
    expect(rest).toMatchObject({
      endpoint_id: 'ep-1',
      from: '2026-11-02T09:30:10.000Z',
      to: '2026-11-02T10:00:10.000Z',
      step_s: 10,
      window_s: 60,
    })
    expect(rest.rules).toHaveLength(5)
    expect(
      series.map(({ metric, unit, source, latest }) => [metric, unit, source, latest && Math.round(latest)]),
    ).toEqual([
      ['inference_latency_p99', 'ms', 'vllm /metrics', 998],
      ['ttft_p99', 'ms', 'vllm /metrics', 249],
      ['throughput', 'tokens/s', 'vllm /metrics', 100],
      ['gpu_utilization', 'percent', 'DCGM', 70],
      ['queue_depth', 'requests', 'vllm /metrics', 7],
    ])
  })

  it('has gaps where nothing was measured', async () => {
    const test = open()
    serve(test, { waiting: 1 })
    await test.rounds(2)
    test.source.pages.clear()
    await test.rounds(8)
    serve(test, { waiting: 2 })
    await test.rounds(1)
    const points = (await valuesOf(test, 'queue_depth', 30))?.points.slice(-6)
    // Gauges stand for 15 s; queue depth is the largest of its 10 s.
    expect(points?.map((point) => point.value)).toEqual([1, 1, null, null, null, 2])
  })

  it('merges the percentiles of replicas of different engines', async () => {
    const test = open(
      testTarget({
        replicas: [
          { id: 'chat-r1-0', metrics_url: URL_0 },
          { id: 'chat-r2-0', metrics_url: 'http://replica-1/metrics', engine: 'sglang' },
        ],
      }),
    )
    await test.rounds(2, (round) => {
      serve(test, { waiting: 2, ttft: Array(round * 90).fill(0.3) })
      test.source.pages.set(
        'http://replica-1/metrics',
        enginePage('sglang', { waiting: 3, ttft: Array(round * 10).fill(3) }),
      )
    })
    const latest = test.metrics.latest('ep-1')
    expect(latest?.metrics.queue_depth.value).toBe(5)
    expect(latest?.metrics.ttft_p99.samples).toBe(100)
    // Rank 99 of 100 lies in SGLang's (2, 4]: 2 + 2·(99 − 90)/10 s. Neither p99 alone, nor their mean.
    expect(latest?.ttft_ms.p99).toBeCloseTo(3800, 6)
    expect(latest?.ttft_ms.p50).toBeCloseTo(250 + (250 * 50) / 90, 6)
  })

  it('goes on over a restart with the minutes that were written', async () => {
    const first = open()
    await first.rounds(24, (round) => serve(first, { waiting: round, generation_tokens: round * 50 }))
    await first.metrics.stop()
    const second = open()
    second.clock.ms = first.clock.ms + 120_000
    await second.rounds(2, () => serve(second, { waiting: 5 }))
    const { points } = (await valuesOf(second, 'queue_depth', 5)) ?? { points: [] }
    expect(points).toEqual([
      { at: '2026-11-02T09:59:00.000Z', value: null },
      { at: '2026-11-02T10:00:00.000Z', value: 11 },
      { at: '2026-11-02T10:01:00.000Z', value: 23 },
      { at: '2026-11-02T10:02:00.000Z', value: null },
      { at: '2026-11-02T10:03:00.000Z', value: null },
      { at: '2026-11-02T10:04:00.000Z', value: 5 },
      { at: '2026-11-02T10:04:10.000Z', value: null },
    ])
    expect((await valuesOf(second, 'throughput', 5))?.points[2]?.value).toBe(10)
  })

  it('adds a minute that was written in two parts', async () => {
    const run = async (fromMs: number, waiting: number, ttft: number) => {
      const test = open()
      test.clock.ms += fromMs
      await test.rounds(3, (round) =>
        serve(test, { waiting, generation_tokens: round * 100, ttft: Array(round * 10).fill(ttft) }),
      )
      await test.metrics.stop()
      return test
    }
    await run(0, 9, 0.2)
    const second = await run(30_000, 4, 3)
    second.clock.ms += 60_000
    // 400 tokens in 2 × 10 s; 20 requests of 0.2 s and 20 of 3 s, in (2.5, 5].
    expect((await valuesOf(second, 'throughput', 121))?.points.at(-1)?.value).toBe(20)
    expect((await valuesOf(second, 'queue_depth', 121))?.points.at(-1)?.value).toBe(9)
    expect((await valuesOf(second, 'ttft_p99', 121))?.points.at(-1)?.value).toBeCloseTo(2500 + (2500 * 19.6) / 20, 6)
  })

  it('draws long times from minutes: none is lost, and percentiles are those of merged buckets', async () => {
    const test = open()
    let requests: number[] = []
    await test.rounds(12 * 15, (round) => {
      if (round % 12 === 6) requests = [...requests, ...Array(round < 60 ? 100 : 10).fill(round < 60 ? 0.2 : 3)]
      serve(test, { ttft: requests, generation_tokens: round * 10 })
    })
    const long = await test.metrics.series('ep-1', { minutes: 1500 })
    expect(long).toMatchObject({ step_s: 300, window_s: 300 })
    const ttft = long.series.find((one) => one.metric === 'ttft_p99')?.points.filter((point) => point.value !== null)
    expect(ttft?.length).toBeGreaterThanOrEqual(2)
    const minute = await test.metrics.series('ep-1', { minutes: 121 })
    expect(minute.series[1]?.points.filter((point) => point.value !== null)).toHaveLength(14)
    expect(minute.series[2]?.points.at(-2)?.value).toBeCloseTo(2, 9)
  })

  it('of an endpoint nobody has measured is empty, not an error', async () => {
    const { series } = await open().metrics.series('ep-9', { minutes: 30 })
    expect(series.every(({ latest, points }) => latest === null && points.every(({ value }) => value === null))).toBe(
      true,
    )
    expect(series[0]?.source).toBe('not measured yet')
  })
})

describe('rounds', () => {
  it('ask every node once, however many endpoints share it', async () => {
    const nodes = [{ node: 'node-1', metrics_url: 'http://node-1/metrics', gpus: [0] }]
    const test = open(testTarget({ nodes }))
    test.targets.push(testTarget({ endpoint_id: 'ep-2', nodes, replicas: [] }))
    await test.rounds(1)
    expect(test.source.asked.toSorted()).toEqual(['http://node-1/metrics', URL_0])
  })

  it('do not overlap', async () => {
    const test = open()
    await Promise.all([test.metrics.tick(), test.metrics.tick(), test.metrics.tick()])
    expect(test.source.asked).toEqual([URL_0])
  })

  it('repeat every 5 s until stopped, also after one that failed', async () => {
    let listings = 0
    const test = createTestMetrics(platform, {
      targets: {
        async list() {
          if (++listings === 1) throw new Error('cluster is away')
          return []
        },
        exists: async () => true,
      },
    })
    test.metrics.start()
    test.metrics.start()
    const rest = async (count: number) => {
      while (test.clock.resting.length < count) await new Promise((resolve) => setImmediate(resolve))
      return test.clock.resting[count - 1]
    }
    const first = await rest(1)
    expect(first?.ms).toBe(5000)
    expect(test.warnings).toEqual(['Metrics: a round failed: cluster is away'])
    first?.wake()
    await rest(2)
    await test.metrics.stop()
    expect(listings).toBe(2)
  })

  it('forget minutes after 30 days and resolved alerts after 90', async () => {
    const test = open()
    await test.metrics.rules.edit(ANNA, 'ep-1', 'queue_depth', { for_s: 0 })
    await test.rounds(15, (round) => serve(test, { waiting: round === 0 ? 140 : 0 }))
    const minutes = async () =>
      (await test.metrics.series('ep-1', { minutes: 60 * 24 * 100 })).series[4]?.points.filter(
        ({ value }) => value !== null,
      )
    expect(await minutes()).toHaveLength(1)
    test.clock.ms += 31 * 86_400_000
    await test.rounds(1)
    expect(await minutes()).toHaveLength(0)
    expect(await alertsOf(test)).toHaveLength(1)
    test.clock.ms += 60 * 86_400_000
    await test.rounds(1)
    expect(await alertsOf(test)).toHaveLength(0)
  })
})
