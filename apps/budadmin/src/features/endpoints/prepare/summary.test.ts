import type { Endpoint } from '@bud/contract'
import { expect, test } from 'vitest'
import { describeEndpoints, gpusText, isBusy, takesTraffic, whyNotDeletable } from './summary.ts'

const endpoint = (state: string, readyReplicas = 1) =>
  ({
    state: { name: state, since: '2026-05-04T12:00:00.000Z', reasons: [] },
    ready_replicas: readyReplicas,
    deployment: { replicas: 2, resources: { gpu_type: 'H100', gpu_count: 4 } },
  }) as unknown as Endpoint

test('says how many are ready, broken and on the way', () => {
  expect(describeEndpoints([])).toBe('Nothing is deployed yet.')
  expect(describeEndpoints([endpoint('ready')])).toBe('1 of 1 endpoint ready.')
  expect(describeEndpoints(['ready', 'degraded', 'starting'].map((state) => endpoint(state)))).toBe(
    '1 of 3 endpoints ready, 1 need a look, 1 on the way.',
  )
})

test('GPUs are counted over all replicas', () => {
  expect(gpusText(endpoint('ready'))).toBe('8 × H100')
})

test('an endpoint takes traffic while it is updated, but not without a ready replica', () => {
  expect(takesTraffic(endpoint('updating'))).toBe(true)
  expect(isBusy(endpoint('updating'))).toBe(true)
  expect(takesTraffic(endpoint('ready', 0))).toBe(false)
  expect(isBusy(endpoint('failed'))).toBe(false)
})

test('an endpoint says why it cannot be deleted while work is under way', () => {
  for (const state of ['ready', 'degraded', 'failed']) expect(whyNotDeletable(endpoint(state))).toBeUndefined()
  expect(whyNotDeletable(endpoint('deleting'))).toBe('It is being deleted already.')
  expect(whyNotDeletable(endpoint('transferring'))).toMatch(/^Its deployment is under way: it can be deleted when/)
  expect(whyNotDeletable(endpoint('updating'))).toMatch(/^Its update is under way/)
})
