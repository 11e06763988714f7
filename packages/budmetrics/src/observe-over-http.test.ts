/** The whole way over real HTTP: pages as the engines write them, a node's GPUs, alerts that fire and resolve. */
import { engineFacts } from '@bud/engines'
import type { EngineName } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpMetricSource } from './adapters/http-metric-source.ts'
import { metricsMigrations } from './index.ts'
import { type EngineFigures, enginePage, gpuPage } from './testing/engine-page.ts'
import { PageServer } from './testing/page-server.ts'
import { createTestMetrics, testTarget } from './testing/test-metrics.ts'

let platform: Platform
let server: PageServer
const source = createHttpMetricSource()
beforeAll(async () => {
  platform = await createTestPlatform()
  await platform.migrate('budmetrics', metricsMigrations)
  server = await PageServer.start()
})
afterAll(async () => {
  await source.close()
  await server.close()
  await platform.close()
})

describe.each<EngineName>(['vllm', 'sglang', 'tensorrt-llm'])('observing %s over HTTP', (engine) => {
  it('measures the five metrics, and its alerts fire under load and resolve after it', async () => {
    const project = { project_id: `project-${engine}`, name: 'Anna' }
    const endpoint_id = `ep-${engine}`
    const { metrics_path } = engineFacts(engine)
    const paths = [`/replicas/${engine}-0${metrics_path}`, `/replicas/${engine}-1${metrics_path}`] as const
    const test = createTestMetrics(platform, { source })
    test.targets.push(
      testTarget({
        endpoint_id,
        project_id: project.project_id,
        engine,
        replicas: paths.map((path, i) => ({ id: `${engine}-${i}`, metrics_url: server.url(path) })),
        nodes: [{ node: 'node-1', metrics_url: server.url('/nodes/node-1/metrics'), gpus: [1, 2] }],
      }),
    )
    const serve = (figures: EngineFigures, gpus: number[]) => {
      for (const path of paths) server.pages.set(path, enginePage(engine, figures))
      server.pages.set('/nodes/node-1/metrics', gpuPage(gpus))
    }
    await test.metrics.rules.edit(project, endpoint_id, 'queue_depth', { for_s: 10 })
    await test.metrics.rules.edit(project, endpoint_id, 'gpu_utilization', { for_s: 10 })
    const states = async () =>
      (await test.metrics.alerts.list(project, { limit: 9 }))
        .map(({ metric, state }) => `${metric} ${state}`)
        .toSorted()

    const e2e: number[] = []
    await test.rounds(4, () => {
      serve(
        { generation_tokens: e2e.length * 50, waiting: 80, running: 16, e2e, ttft: e2e.map(() => 0.15) },
        [0, 98, 100, 0],
      )
      e2e.push(...Array(10).fill(1.9))
    })
    expect(await states()).toEqual(['gpu_utilization firing', 'queue_depth firing'])
    const latest = test.metrics.latest(endpoint_id)
    expect(latest).toMatchObject({
      running: 32,
      waiting: 160,
      problems: [],
      metrics: {
        inference_latency_p99: { samples: 60 },
        // 2 replicas × 30 requests × 50 tokens in 15 s.
        throughput: { value: 200 },
        gpu_utilization: { value: 99 },
        queue_depth: { value: 160 },
      },
    })
    // The bucket that holds 1.9 s is (1.5, 2] or (1, 2]: the bound of the guide's threshold is exact.
    expect(latest?.e2e_ms.p99).toBeGreaterThan(1900)
    expect(latest?.e2e_ms.p99).toBeLessThanOrEqual(2000)

    await test.rounds(15, () => serve({ generation_tokens: 1500, e2e, ttft: e2e.map(() => 0.15) }, [0, 3, 5, 0]))
    expect(await states()).toEqual(['gpu_utilization resolved', 'queue_depth resolved'])
  })
})
