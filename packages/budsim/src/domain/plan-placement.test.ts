import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEMO_NODES } from '../testing/fixtures.ts'
import { type FreeNode, planPlacement, replicaCapacity } from './plan-placement.ts'

const nodesOf = (...free: number[]): FreeNode[] =>
  free.map((count, i) => ({ name: `n${i + 1}`, gpu_type: 'H100-SXM-80GB', free: count }))

describe('planPlacement', () => {
  it('does not take eight free GPUs on eight nodes for a TP 8 group', () => {
    const plan = planPlacement({
      nodes: nodesOf(1, 1, 1, 1, 1, 1, 1, 1),
      gpus_per_replica: 8,
      tensor_parallel_size: 8,
      replicas: 1,
    })
    expect(plan.placed).toEqual([])
    expect(plan.reason).toMatchObject({ code: 'gpus-fragmented' })
    expect(plan.reason?.message).toContain(
      'No node has the 8 H100-SXM-80GB GPUs that one replica needs together, though 8 are free',
    )
    expect(plan.reason?.evidence).toContain('n1 1')
  })

  it('spreads replicas over nodes before it fills one', () => {
    const plan = planPlacement({ nodes: nodesOf(8, 8), gpus_per_replica: 2, tensor_parallel_size: 2, replicas: 4 })
    expect(plan.placed.map(({ node }) => node)).toEqual(['n1', 'n2', 'n1', 'n2'])
  })

  it('fills the tightest gap first, so large groups find room later', () => {
    const plan = planPlacement({ nodes: nodesOf(8, 3), gpus_per_replica: 2, tensor_parallel_size: 2, replicas: 1 })
    expect(plan.placed).toEqual([{ replica: 0, node: 'n2', gpus: 2 }])
  })

  it('places the guide’s two replicas on the demo cluster’s two A100 nodes', () => {
    const nodes = DEMO_NODES.filter((node) => node.gpu_type === 'A100-SXM-80GB')
    const plan = planPlacement({ nodes, gpus_per_replica: 4, tensor_parallel_size: 4, replicas: 2 })
    expect(plan.placed.map(({ node }) => node)).toEqual(['a100-1', 'a100-2'])
    expect(plan.reason).toBeUndefined()
  })

  it('says how many replicas have room, and what is free where', () => {
    const plan = planPlacement({ nodes: nodesOf(8, 4), gpus_per_replica: 4, tensor_parallel_size: 4, replicas: 5 })
    expect(plan.placed).toHaveLength(3)
    expect(plan.reason).toMatchObject({
      code: 'not-enough-gpus',
      path: 'deployment.replicas',
      evidence: 'Free: n1 8, n2 4.',
    })
  })

  it('spans nodes with pipeline stages only where that is allowed, keeping each tensor group whole', () => {
    const request = { nodes: nodesOf(4, 4), gpus_per_replica: 8, tensor_parallel_size: 4, replicas: 1 }
    expect(planPlacement(request).reason?.code).toBe('gpus-fragmented')
    expect(planPlacement({ ...request, pipeline_across_nodes: true }).placed).toEqual([
      { replica: 0, node: 'n1', gpus: 4 },
      { replica: 0, node: 'n2', gpus: 4 },
    ])
    const scattered = planPlacement({ ...request, nodes: nodesOf(3, 3, 4), pipeline_across_nodes: true })
    expect(scattered.placed).toEqual([])
  })

  it('takes data-parallel ranks apart only where their stage finds no node, and never a tensor group', () => {
    const request = { gpus_per_replica: 8, tensor_parallel_size: 2, data_parallel_size: 4, replicas: 1 }
    const across = { ...request, pipeline_across_nodes: true }
    expect(planPlacement({ ...across, nodes: nodesOf(4, 8, 4) }).placed).toEqual([{ replica: 0, node: 'n2', gpus: 8 }])
    expect(planPlacement({ ...request, nodes: nodesOf(4, 5) }).reason?.code).toBe('gpus-fragmented')
    expect(planPlacement({ ...across, nodes: nodesOf(4, 5) }).placed).toEqual([
      { replica: 0, node: 'n1', gpus: 4 },
      { replica: 0, node: 'n2', gpus: 4 },
    ])
    expect(planPlacement({ ...across, nodes: nodesOf(3, 3, 1, 1) }).placed).toEqual([])
  })

  it('says so where no node has the type', () => {
    const plan = planPlacement({ nodes: [], gpus_per_replica: 1, tensor_parallel_size: 1, replicas: 1 })
    expect(plan.reason?.evidence).toContain('no node has this GPU type')
  })

  it('never takes more of a node than is free, and places as many replicas as have room', () => {
    const arbitrary = fc.record({
      free: fc.array(fc.integer({ min: 0, max: 16 }), { maxLength: 12 }),
      tensor: fc.constantFrom(1, 2, 4, 8),
      stages: fc.constantFrom(1, 2),
      replicas: fc.integer({ min: 1, max: 30 }),
      across: fc.boolean(),
    })
    fc.assert(
      fc.property(arbitrary, ({ free, tensor, stages, replicas, across }) => {
        const request = {
          nodes: nodesOf(...free),
          gpus_per_replica: tensor * stages,
          tensor_parallel_size: tensor,
          pipeline_across_nodes: across,
        }
        const { placed, reason } = planPlacement({ ...request, replicas })
        for (const node of request.nodes) {
          const taken = placed.filter((group) => group.node === node.name).reduce((sum, group) => sum + group.gpus, 0)
          expect(taken).toBeLessThanOrEqual(node.free)
        }
        const whole = new Set(placed.map((group) => group.replica)).size
        expect(whole).toBe(Math.min(replicas, replicaCapacity(request)))
        expect(reason === undefined).toBe(whole === replicas)
      }),
      { numRuns: 500, seed: 9 },
    )
  })
})
