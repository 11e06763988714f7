import type { Cluster } from '@bud/contract'
import { expect, test } from 'vitest'
import { describeCapacity, toCapacityMap } from './capacity.ts'

const use = (id: string, gpus: number) => ({ endpoint_id: id, endpoint_name: id.toUpperCase(), gpus })
const cluster: Cluster = {
  id: 'cluster-1',
  name: 'demo',
  kind: 'simulated',
  stage: 'staging',
  needs_artifacts: false,
  state: 'ready',
  state_reason: null,
  nodes: [
    {
      name: 'n1',
      gpu_type: 'H100',
      gpu_count: 4,
      gpus_free: 1,
      used_by: [use('ep-b', 2), use('ep-a', 1)],
      ready: true,
    },
    { name: 'n2', gpu_type: null, gpu_count: 0, gpus_free: 0, used_by: [], ready: false },
  ],
  gpus: [{ gpu_type: 'H100', total: 4, free: 1, largest_free_on_a_node: 1 }],
}

test('every GPU of a node is one square, used ones first', () => {
  const { nodes } = toCapacityMap(cluster)
  expect(nodes[0]?.squares).toEqual(['ep-b', 'ep-b', 'ep-a', null])
  expect(nodes[1]).toMatchObject({ gpuType: 'no GPU', squares: [] })
})

test('an endpoint keeps its colour whatever the order in which nodes list it', () => {
  const { tenants } = toCapacityMap(cluster)
  expect(tenants.map(({ endpointId, series }) => [endpointId, series])).toEqual([
    ['ep-a', 1],
    ['ep-b', 2],
  ])
})

test('a seventh endpoint is told apart from the first by its hatch', () => {
  const many = Array.from({ length: 7 }, (_, index) => use(`ep-${index}`, 1))
  const { tenants } = toCapacityMap({ ...cluster, nodes: [{ ...cluster.nodes[0], used_by: many } as never] })
  expect(tenants.at(6)).toMatchObject({ series: 1, hatched: true })
})

test('says how much is in use', () => {
  expect(describeCapacity(cluster)).toBe('3 of 4 GPUs in use')
})
