/** A whole metrics part for tests: real database, pages in memory, a clock that is set by hand. */
import type { Clock } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { createMetrics, type Metrics, type MetricsDependencies } from '../create-metrics.ts'
import type { ScrapeTarget } from '../ports.ts'
import { FakeMetricSource } from './fake-metric-source.ts'

class TestClock implements Clock {
  ms = Date.parse('2026-11-02T10:00:00.000Z')

  nowMs(): number {
    return this.ms
  }

  /** Rests end when the signal aborts, or when the test ends them. */
  readonly resting: { ms: number; wake: () => void }[] = []

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.resting.push({ ms, wake: resolve })
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }
}

export interface TestMetrics {
  metrics: Metrics
  clock: TestClock
  source: FakeMetricSource
  /** What can be asked. */
  targets: ScrapeTarget[]
  /** Ids of endpoints that no longer exist. */
  deleted: Set<string>
  warnings: string[]
  /** One round each 5 s; `before` sets the pages of round n. */
  rounds(count: number, before?: (round: number) => void): Promise<void>
}

export function createTestMetrics(platform: Platform, change: Partial<MetricsDependencies> = {}): TestMetrics {
  const clock = new TestClock()
  const source = new FakeMetricSource()
  const targets: ScrapeTarget[] = []
  const deleted = new Set<string>()
  const warnings: string[] = []
  const metrics = createMetrics({
    database: platform.database,
    events: platform.events,
    clock,
    log: { info() {}, error() {}, warn: (_fields, message) => void warnings.push(message) },
    targets: {
      list: async () => [...targets],
      exists: async ({ endpoint_id }) => !deleted.has(endpoint_id),
    },
    source,
    ...change,
  })
  return {
    metrics,
    clock,
    source,
    targets,
    deleted,
    warnings,
    async rounds(count, before = () => {}) {
      for (let round = 0; round < count; round++) {
        before(round)
        await metrics.tick()
        clock.ms += 5000
      }
    },
  }
}

export const testTarget = (change: Partial<ScrapeTarget> = {}): ScrapeTarget => ({
  endpoint_id: 'ep-1',
  project_id: 'project-1',
  endpoint_name: 'chat',
  engine: 'vllm',
  engine_version: undefined,
  replicas: [{ id: 'chat-r1-0', metrics_url: 'http://replica-0/metrics' }],
  nodes: [],
  ...change,
})
