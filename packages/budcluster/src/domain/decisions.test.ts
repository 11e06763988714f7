/** The small decisions: names, states, capacity, health, edits. */
import { EndpointStateName } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { llamaOn } from '../testing/llama-facts.ts'
import { gpuCatalogue } from '../testing/reference.ts'
import { assessHealth } from './assess-health.ts'
import { gpuTotals, nodeViews } from './capacity.ts'
import { deploymentEdits } from './deployment-edits.ts'
import { assertTransition, assessRequest } from './endpoint-state.ts'
import { planNodes } from './plan-nodes.ts'
import { planScale } from './plan-scale.ts'
import type { ReplicaStatus } from './release.ts'
import { endpointNameFor, releaseName } from './release-name.ts'

describe('names', () => {
  it.each([
    ['meta-llama/Llama-3.1-8B-Instruct', 'llama-3-1-8b-instruct'],
    ['Qwen/Qwen2.5_72B', 'qwen2-5-72b'],
    ['模型', 'endpoint'],
    [`x/${'a'.repeat(80)}`, 'a'.repeat(40)],
  ])('an endpoint for %s is called %s', (model, name) => {
    expect(endpointNameFor(model)).toBe(name)
  })

  it('a release made under a name that was used before has another name', () => {
    const names = ['ep-0000aaaaaa', 'ep-0000bbbbbb'].map((id) => releaseName({ id, name: 'chat' }))
    expect(names).toEqual(['chat-aaaaaa', 'chat-bbbbbb'])
  })
})

describe('the endpoint’s states', () => {
  it('may always stay the same, and never leave failed but for deleting', () => {
    for (const state of EndpointStateName.options) expect(() => assertTransition(state, state)).not.toThrow()
    for (const state of EndpointStateName.options)
      if (state !== 'deleting' && state !== 'failed') expect(() => assertTransition('failed', state)).toThrow()
  })

  it('a deployment goes its way without turning back', () => {
    const way = ['validating', 'transferring', 'starting', 'verifying', 'ready'] as const
    for (const [from, to] of way.slice(1).map((to, index) => [way[index] ?? 'ready', to] as const)) {
      expect(() => assertTransition(from, to)).not.toThrow()
      expect(() => assertTransition(to, from)).toThrow()
      expect(() => assertTransition(from, 'failed')).not.toThrow()
    }
  })

  it('may be scaled or updated while it serves, and deleted at any time', () => {
    for (const state of EndpointStateName.options) {
      const endpoint = { id: 'ep-1', name: 'chat', state }
      const serving = state === 'ready' || state === 'degraded'
      expect(assessRequest('scale', endpoint) === undefined).toBe(serving)
      expect(assessRequest('update', endpoint) === undefined).toBe(serving)
      expect(assessRequest('delete', endpoint)).toBeUndefined()
    }
  })
})

describe('capacity', () => {
  const nodes = [
    {
      name: 'n1',
      gpu_type: 'L40S-48GB',
      gpu_count: 8,
      ready: true,
      metrics_url: null,
      allocations: [
        { gpu: 0, release: 'chat-1' },
        { gpu: 1, release: 'stranger' },
      ],
    },
    { name: 'n2', gpu_type: 'L40S-48GB', gpu_count: 8, ready: false, metrics_url: null, allocations: [] },
  ]
  const holdings = [{ endpoint_id: 'ep-1', endpoint_name: 'chat', release: 'chat-1', node: 'n1', gpus: 3 }]

  it('counts what is reserved, running or not, and what strangers use', () => {
    expect(nodeViews(nodes, holdings)[0]).toMatchObject({
      gpus_free: 4,
      used_by: [{ endpoint_id: 'ep-1', endpoint_name: 'chat', gpus: 3 }],
    })
  })

  it('counts an endpoint’s GPUs where they are reserved and where the cluster really put them', () => {
    const allocations = [0, 1].map((gpu) => ({ gpu, release: 'chat-1' }))
    const elsewhere = { name: 'n3', gpu_type: 'L40S-48GB', gpu_count: 8, ready: true, metrics_url: null, allocations }
    const views = nodeViews([...nodes, elsewhere], holdings)
    expect(views.map(({ gpus_free }) => gpus_free)).toEqual([4, 0, 6])
    expect(views[2]?.used_by).toEqual([{ endpoint_id: 'ep-1', endpoint_name: 'chat', gpus: 2 }])
    expect(nodeViews([elsewhere], holdings, 'ep-1')[0]).toMatchObject({ gpus_free: 8, used_by: [] })
  })

  it('makes an endpoint’s own GPUs free when it is to be ignored', () => {
    expect(nodeViews(nodes, holdings, 'ep-1')[0]).toMatchObject({ gpus_free: 7, used_by: [] })
  })

  it('has nothing free on a node that is not ready', () => {
    expect(gpuTotals(nodeViews(nodes, holdings))).toEqual([
      { gpu_type: 'L40S-48GB', total: 16, free: 4, largest_free_on_a_node: 4 },
    ])
  })
})

describe('planScale', () => {
  const question = {
    cluster_name: 'demo',
    nodes: nodeViews(
      [{ name: 'n1', gpu_type: 'L40S-48GB', gpu_count: 4, ready: true, metrics_url: null, allocations: [] }],
      [{ endpoint_id: 'ep-1', endpoint_name: 'chat', release: 'chat-1', node: 'n1', gpus: 2 }],
    ),
    deployment: llamaOn('L40S-48GB', 1, 2),
    gpu_type: 'L40S-48GB',
    from: 2,
    ready: [0, 1],
  }
  it.each([
    [2, { kind: 'none' }],
    [1, { kind: 'down' }],
    [
      4,
      {
        kind: 'up',
        added: [
          { node: 'n1', gpus: 1 },
          { node: 'n1', gpus: 1 },
        ],
      },
    ],
    [5, { kind: 'refused', reasons: [{ code: 'not-enough-gpus', path: 'replicas' }] }],
  ])('from 2 to %i', (to, plan) => {
    expect(planScale({ ...question, to })).toMatchObject(plan)
  })

  it('never goes down to replicas of which none is ready', () => {
    expect(planScale({ ...question, to: 1, ready: [0] })).toEqual({ kind: 'down' })
    expect(planScale({ ...question, to: 1, ready: [1] })).toMatchObject({
      kind: 'refused',
      reasons: [{ code: 'no-ready-replica-kept', path: 'replicas', next_step: expect.any(String) }],
    })
  })
})

describe('assessHealth', () => {
  const replica = (ordinal: number, change: Partial<ReplicaStatus> = {}): ReplicaStatus => ({
    id: `chat-r1-${ordinal}`,
    revision: 1,
    ordinal,
    node: 'n1',
    gpus: [ordinal],
    phase: 'ready',
    since: '2026-01-01T00:00:00.000Z',
    restarts: 0,
    message: null,
    base_url: 'http://127.0.0.1:1',
    metrics_url: 'http://127.0.0.1:1/metrics',
    ...change,
  })
  const ask = (replicas: ReplicaStatus[] | undefined) => assessHealth({ revision: 1, wanted: 2, replicas })

  it('is ready with as many as wanted', () => {
    expect(ask([replica(0), replica(1)])).toMatchObject({ state: 'ready', reasons: [], drifted: false })
  })

  it('is degraded with fewer, and says which is missing and why', () => {
    expect(ask([replica(0), replica(1, { phase: 'crashed', restarts: 2, message: 'died' })])).toMatchObject({
      state: 'degraded',
      drifted: false,
      reasons: [
        {
          code: 'replicas-missing',
          message: expect.stringContaining('chat-r1-1 is crashed (2 restarts)'),
          evidence: 'died',
        },
      ],
    })
  })

  it('has drifted when the cluster runs something else than was asked for', () => {
    expect(ask(undefined)).toMatchObject({ state: 'degraded', drifted: true, reasons: [{ code: 'no-ready-replica' }] })
    expect(ask([replica(0)])).toMatchObject({ drifted: true })
    expect(ask([replica(0), replica(1), replica(0, { revision: 2 })])).toMatchObject({ state: 'ready', drifted: true })
  })
})

describe('deploymentEdits', () => {
  it('has one entry per field that differs, however deep', () => {
    const from = llamaOn('L40S-48GB', 1, 2)
    const { max_model_len: _left, ...config } = from.config
    expect(deploymentEdits(from, { ...from, replicas: 3, config: { ...config, max_num_seqs: 8 } })).toEqual(
      [
        { path: 'deployment.config.max_num_seqs', from: '256', to: '8' },
        { path: 'deployment.config.max_model_len', from: '8192', to: 'default' },
        { path: 'deployment.replicas', from: '2', to: '3' },
      ].sort((a, b) => a.path.localeCompare(b.path)),
    )
    expect(deploymentEdits(from, from)).toEqual([])
  })
})

describe('planNodes', () => {
  it('names nodes by GPU and number, over all groups', () => {
    const groups = [
      { count: 2, gpu_type: 'nvidia-l40s', gpu_count: 8 },
      { count: 1, gpu_type: 'L40S-48GB', gpu_count: 4 },
    ]
    expect(planNodes(groups, gpuCatalogue)).toEqual([
      { name: 'l40s-48gb-1', gpu_type: 'L40S-48GB', gpu_count: 8 },
      { name: 'l40s-48gb-2', gpu_type: 'L40S-48GB', gpu_count: 8 },
      { name: 'l40s-48gb-3', gpu_type: 'L40S-48GB', gpu_count: 4 },
    ])
  })

  it('lists every GPU nobody knows', () => {
    const groups = ['z1', 'L4-24GB', 'z2'].map((gpu_type) => ({ count: 1, gpu_type, gpu_count: 1 }))
    expect(() => planNodes(groups, gpuCatalogue)).toThrow(
      expect.objectContaining({
        reasons: [
          expect.objectContaining({ code: 'unknown-gpu-type', path: 'nodes.0.gpu_type' }),
          expect.objectContaining({ code: 'unknown-gpu-type', path: 'nodes.2.gpu_type' }),
        ],
      }),
    )
  })
})
