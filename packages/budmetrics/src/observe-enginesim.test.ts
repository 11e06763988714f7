/** Against running engine simulators: what they did is what is measured. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { EngineName } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpMetricSource } from './adapters/http-metric-source.ts'
import { metricsMigrations } from './index.ts'
import { createTestMetrics, testTarget } from './testing/test-metrics.ts'

const ENGINESIM = fileURLToPath(new URL('../../../apps/enginesim/src/main.ts', import.meta.url))
const REQUESTS = 8
const TOKENS = 16

interface Simulator {
  base_url: string
  metrics_url: string
  child: ChildProcess
}

/** One replica that decodes two sequences at once. It ends when its channel closes. */
async function startSimulator(engine: EngineName): Promise<Simulator> {
  const child = fork(ENGINESIM, ['--try', engine, '--max-num-seqs', '2'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: [],
  })
  const [line] = await once(child.stdout ?? child, 'data')
  return { child, ...JSON.parse(String(line)) }
}

const complete = async ({ base_url }: Simulator) => {
  const response = await fetch(`${base_url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo', prompt: 'Say something.', max_tokens: TOKENS, ignore_eos: true }),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  await response.json()
}

let platform: Platform
const source = createHttpMetricSource()
beforeAll(async () => {
  platform = await createTestPlatform()
  await platform.migrate('budmetrics', metricsMigrations)
})
afterAll(async () => {
  await source.close()
  await platform.close()
})

describe.each<EngineName>(['vllm', 'sglang', 'tensorrt-llm'])('observing a running %s simulator', (engine) => {
  it('counts its requests, tokens, queue and GPU', async () => {
    const simulator = await startSimulator(engine)
    try {
      const test = createTestMetrics(platform, { source })
      const nodeUrl = new URL('/nodes/node-1/metrics', simulator.base_url).href
      test.targets.push(
        testTarget({
          endpoint_id: `ep-${engine}`,
          engine,
          replicas: [{ id: 'r-0', metrics_url: simulator.metrics_url }],
          nodes: [{ node: 'node-1', metrics_url: nodeUrl, gpus: [0] }],
        }),
      )
      await test.rounds(1)
      let done = false
      const traffic = Promise.all(Array.from({ length: REQUESTS }, () => complete(simulator))).finally(() => {
        done = true
      })
      let mostWaiting = 0
      while (!done) {
        await test.metrics.tick()
        mostWaiting = Math.max(mostWaiting, test.metrics.latest(`ep-${engine}`)?.waiting ?? 0)
        test.clock.ms += 1
      }
      await traffic
      await test.rounds(1)
      const latest = test.metrics.latest(`ep-${engine}`)
      expect(latest?.problems).toEqual([])
      expect(mostWaiting).toBeGreaterThan(0)
      expect(latest?.metrics.inference_latency_p99.samples).toBe(REQUESTS)
      expect(latest?.metrics.ttft_p99.samples).toBe(REQUESTS)
      expect(latest?.ttft_ms.p99).toBeGreaterThan(latest?.ttft_ms.p50 ?? Number.NaN)
      expect(latest?.e2e_ms.p99).toBeGreaterThan(0)
      const seconds = (Date.parse(latest?.at ?? '') - Date.parse('2026-11-02T10:00:00.000Z')) / 1000
      expect((latest?.metrics.throughput.value ?? 0) * seconds).toBeCloseTo(REQUESTS * TOKENS, 3)
      expect(latest?.metrics.gpu_utilization.value).not.toBeNull()
    } finally {
      simulator.child.disconnect()
      await once(simulator.child, 'exit')
    }
  })
})
