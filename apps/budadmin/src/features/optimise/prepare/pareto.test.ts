import type { Optimization } from '@bud/contract'
import { type Candidate, Deployment } from '@bud/kernel'
import { expect, test } from 'vitest'
import { toParetoView } from './pareto.ts'
import { toFrame, toStairs } from './pareto-frame.ts'

const exact = (value: number) => ({ value, low: null, high: null })
const pointOf = (replicas: number, cost: number | null, latency: number, throughput: number) =>
  ({
    deployment: Deployment.parse({ runtime: 'vllm', replicas, resources: { gpu_type: 'H100', gpu_count: 1 } }),
    prediction: {
      gpus: replicas,
      cost_usd_per_hour: cost,
      cost_usd_per_million_output_tokens: null,
      e2e_ms_p99: { value: latency, low: latency * 0.9, high: latency * 1.2 },
      max_output_tokens_per_s: exact(throughput),
    },
  }) as Candidate

const front = [
  pointOf(1, 4, 900, 1000),
  pointOf(2, 8, 500, 900),
  pointOf(3, 12, 700, 3000),
  pointOf(4, null, 300, 5000),
]
const result = { candidates: [front[1]], pareto: front } as unknown as Optimization

test('the recommended point is marked, and what has no price stands apart', () => {
  const view = toParetoView(result, 'latency')
  expect(view?.points.map(({ recommended }) => recommended)).toEqual([false, true, false, false])
  expect(view?.points.map(({ x }) => x === undefined)).toEqual([false, false, false, true])
  expect(view?.hasLane).toBe(true)
  expect(view?.points[3]?.cost).toBe('no price known')
})

test('stairs run through what is best in the two figures shown, and only through that', () => {
  const latency = toParetoView(result, 'latency')
  expect(latency?.points.map(({ edge }) => edge)).toEqual([true, true, false, false])
  expect(toParetoView(result, 'throughput')?.points.map(({ edge }) => edge)).toEqual([true, false, true, false])
  expect(toStairs(latency?.points ?? [], toFrame(500, true)).split('V')).toHaveLength(2)
})

test('intervals are placed where there are any', () => {
  expect(toParetoView(result, 'latency')?.points[0]?.high).toBeGreaterThan(0)
  expect(toParetoView(result, 'throughput')?.points[0]?.high).toBeUndefined()
})

test('without any price the number of GPUs is what is paid', () => {
  const unpriced = [pointOf(1, null, 900, 1000), pointOf(4, null, 300, 5000)]
  const view = toParetoView({ candidates: [unpriced[0]], pareto: unpriced } as unknown as Optimization, 'latency')
  expect(view).toMatchObject({ xTitle: 'GPUs (no price known)', hasLane: false })
})

test('a search from before fronts were kept has no chart', () => {
  expect(toParetoView({ candidates: front } as unknown as Optimization, 'latency')).toBeUndefined()
})
