import type { Optimization } from '@bud/contract'
import { Workload } from '@bud/kernel'
import { expect, test } from 'vitest'
import { remedyAt, toRemedyViews, withRemedy } from './remedies.ts'
import { initialForm } from './request.ts'

const result = {
  model: { id: 'm' },
  cluster: { id: 'c' },
  targets: { ttft_ms: 100, budget_usd_per_hour: 5 },
  workload: Workload.parse({ concurrency: 64 }),
  remedies: [
    [
      { targets: { ttft_ms: 458, budget_usd_per_hour: 72 }, workload: { concurrency: 32 } },
      { gpus: { gpu_type: 'H100-SXM-80GB', more: 8, together: 4 } },
    ],
  ],
} as unknown as Optimization

test('each change says what it was before', () => {
  expect(toRemedyViews(result, 0)).toEqual([
    {
      changes: [
        '32 requests in flight instead of 64',
        'TTFT ≤ 458 ms instead of 100 ms',
        '≤ $72.00 an hour instead of $5.00',
      ],
      address: { miss: 0, remedy: 0 },
    },
    { changes: ['8 more H100-SXM-80GB free, 4 together on a node'], address: undefined },
  ])
})

test('a remedy changes the form, and nothing else of it', () => {
  const form = initialForm({}, result)
  const remedy = remedyAt(result, { miss: 0, remedy: 0 })
  expect(remedy && withRemedy(form, remedy)).toEqual({
    ...form,
    concurrency: 32,
    targets: { ttft_ms: 458, budget_usd_per_hour: 72 },
  })
})

test('an address that leads nowhere, or an older search, changes nothing', () => {
  expect(remedyAt(result, { miss: 3, remedy: 0 })).toBeUndefined()
  expect(remedyAt({ ...result, remedies: undefined }, { miss: 0, remedy: 0 })).toBeUndefined()
  expect(remedyAt(undefined, { miss: 0, remedy: 0 })).toBeUndefined()
  expect(toRemedyViews({ ...result, remedies: undefined }, 0)).toEqual([])
})
