import type { Cluster, Endpoint } from '@bud/contract'
import { expect, test } from 'vitest'
import { toScaleView } from './scale.ts'

const endpoint = {
  id: 'ep-1',
  deployment: { replicas: 2, resources: { gpu_type: 'nvidia-h100', gpu_count: 4 } },
} as unknown as Endpoint

const node = (name: string, gpusFree: number, more: object = {}) => ({
  name,
  gpu_type: 'H100-SXM-80GB',
  gpu_count: 8,
  gpus_free: gpusFree,
  used_by: [{ endpoint_id: 'ep-1', endpoint_name: 'chat', gpus: 4 }],
  ready: true,
  ...more,
})
const cluster = (...nodes: unknown[]) => ({ name: 'demo', nodes }) as unknown as Cluster

const roomy = cluster(
  node('n1', 4),
  node('n2', 7),
  node('n3', 8, { ready: false }),
  node('n4', 8, { gpu_type: 'L40S' }),
)

test('says how many more replicas fit: whole ones, on ready nodes of the type that the endpoint runs on', () => {
  expect(toScaleView(endpoint, roomy, 2)).toEqual({
    room: '2 more fit: 11 GPUs are free on demo.',
    effect: 'Nothing changes.',
    tooMany: false,
  })
  expect(toScaleView(endpoint, cluster(node('n1', 3), node('n2', 3)), 2).room).toBe(
    'No more fit: 6 GPUs are free on demo.',
  )
})

test('warns in place of a promise when more are wanted than fit', () => {
  expect(toScaleView(endpoint, roomy, 4)).toMatchObject({
    tooMany: false,
    effect: expect.stringMatching(/^2 replicas/),
  })
  const tooMany = toScaleView(endpoint, roomy, 6)
  expect(tooMany.tooMany).toBe(true)
  expect(tooMany.effect).toBe('4 more are wanted, only 2 have room. Ask for fewer, or free GPUs of this type first.')
  expect(toScaleView(endpoint, cluster(node('n1', 0)), 3).effect).toMatch(/^There is no room for one more/)
})

test('without the cluster it promises no room and warns of none', () => {
  expect(toScaleView(endpoint, undefined, 1)).toEqual({
    room: undefined,
    effect: '1 replica fewer, 4 GPUs come free. Requests under way finish first.',
    tooMany: false,
  })
})
