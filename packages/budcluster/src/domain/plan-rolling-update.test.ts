import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { node } from '../testing/cluster-views.ts'
import { llamaOn } from '../testing/llama-facts.ts'
import { addNodeGpus, type NodeView } from './capacity.ts'
import { placeReplicas } from './place-replicas.ts'
import { planRollingUpdate, type RollingUpdateQuestion } from './plan-rolling-update.ts'

const A100 = 'A100-SXM-80GB'
const replica = (name: string, gpus: number) => [{ node: name, gpus }]
const ask = (change: Partial<RollingUpdateQuestion>) =>
  planRollingUpdate({
    endpoint_name: 'chat',
    cluster_name: 'demo',
    nodes: [],
    old: [],
    ready: (change.old ?? []).map((_, ordinal) => ordinal),
    next: { deployment: llamaOn(A100, 4, 2), gpu_type: A100 },
    ...change,
  })
const stepsOf = (change: Partial<RollingUpdateQuestion>) => {
  const plan = ask(change)
  if (!plan.ok) throw new Error(plan.reasons.map(({ message }) => message).join())
  return plan.steps.map((step) => (step.kind === 'start' ? `new ${step.new_replicas}` : `old ${step.old_replicas}`))
}
const four = [replica('n1', 2), replica('n1', 2), replica('n2', 2), replica('n2', 2)]
const to = (gpus: number, replicas: number) => ({ deployment: llamaOn(A100, gpus, replicas), gpu_type: A100 })

describe('planRollingUpdate', () => {
  it.each<[string, Partial<RollingUpdateQuestion>, string[]]>([
    [
      'surges by one where one fits beside two',
      { nodes: [node('n1', A100, 8, 0), node('n2', A100, 4)], old: [replica('n1', 4), replica('n1', 4)] },
      ['new 1', 'old 1', 'new 2', 'old 0'],
    ],
    [
      'surges by a quarter of four',
      { nodes: [node('n1', A100, 8, 4), node('n2', A100, 8, 4)], old: four, next: to(2, 4) },
      ['new 1', 'old 3', 'new 2', 'old 2', 'new 3', 'old 1', 'new 4', 'old 0'],
    ],
    [
      'makes room one by one where nothing is free',
      { nodes: [node('n1', A100, 4, 0), node('n2', A100, 4, 0)], old: [replica('n1', 4), replica('n2', 4)] },
      ['old 1', 'new 1', 'old 0', 'new 2'],
    ],
    [
      'grows while it replaces',
      { nodes: [node('n1', A100, 8, 4), node('n2', A100, 8)], old: [replica('n1', 4)], next: to(4, 3) },
      ['new 3', 'old 0'],
    ],
    [
      'shrinks while it replaces',
      { nodes: [node('n1', A100, 8, 4), node('n2', A100, 8, 4)], old: four, next: to(2, 1) },
      ['new 1', 'old 0'],
    ],
    [
      'stops several small replicas for a large one',
      { nodes: [node('n1', A100, 6, 0)], old: [replica('n1', 2), replica('n1', 2), replica('n1', 2)], next: to(4, 1) },
      ['old 1', 'new 1', 'old 0'],
    ],
    ['starts from nothing', { nodes: [node('n1', A100, 8)], old: [], next: to(4, 2) }, ['new 2']],
  ])('%s', (_what, change, steps) => {
    expect(stepsOf(change)).toEqual(steps)
  })

  it('reserves the fullest moment on each node', () => {
    const plan = ask({
      nodes: [node('n1', A100, 8, 0), node('n2', A100, 4)],
      old: [replica('n1', 4), replica('n1', 4)],
    })
    expect(plan).toMatchObject({
      strategy: 'surge',
      peak: [
        { node: 'n1', gpus: 8 },
        { node: 'n2', gpus: 4 },
      ],
    })
  })

  it('refuses, with the numbers, when the only replica would have to go first', () => {
    const plan = ask({ nodes: [node('n1', A100, 8, 0)], old: [replica('n1', 4)], next: to(4, 1) })
    expect(plan).toMatchObject({
      ok: false,
      reasons: [
        {
          code: 'no-room-to-update',
          message: expect.stringMatching(
            /needs 4 A100-SXM-80GB; .* 0 are free, at most 0 on one node, .* the 1 replicas/,
          ),
          evidence: 'In use by other (8 GPUs).',
        },
      ],
    })
  })

  it('never takes the last ready replica away before a new one is ready', () => {
    const full = [node('n1', A100, 4, 0), node('n2', A100, 4, 0)]
    const old = [replica('n1', 4), replica('n2', 4)]
    expect(stepsOf({ nodes: full, old, ready: [0] })).toEqual(['old 1', 'new 1', 'old 0', 'new 2'])
    expect(ask({ nodes: full, old, ready: [1] })).toMatchObject({
      ok: false,
      reasons: [{ code: 'no-room-to-update', message: expect.stringContaining('1 ready') }],
    })
    const three = [replica('n1', 2), replica('n1', 2), replica('n1', 2)]
    const ready = [1]
    expect(stepsOf({ nodes: [node('n1', A100, 6, 0)], old: three, ready, next: to(2, 1) })).toEqual([
      'old 2',
      'new 1',
      'old 0',
    ])
  })

  it('replaces replicas of which none serves, also where all of them have to go first', () => {
    const nodes = [node('n1', A100, 4, 0)]
    expect(stepsOf({ nodes, old: [replica('n1', 4)], ready: [], next: to(4, 1) })).toEqual(['old 0', 'new 1'])
  })

  it('refuses a replica that no node could ever hold', () => {
    expect(ask({ nodes: [node('n1', A100, 4, 0)], old: [replica('n1', 2), replica('n1', 2)], next: to(8, 1) }).ok).toBe(
      false,
    )
  })
})

describe('any plan', () => {
  const clusters = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 })
  const questions = fc.record({
    sizes: clusters,
    oldGpus: fc.constantFrom(1, 2, 4),
    oldReplicas: fc.integer({ min: 1, max: 8 }),
    newGpus: fc.constantFrom(1, 2, 4, 8),
    newReplicas: fc.integer({ min: 1, max: 8 }),
  })

  it('never oversteps a node, always serves, and ends with the new revision alone', () => {
    fc.assert(
      fc.property(questions, ({ sizes, oldGpus, oldReplicas, newGpus, newReplicas }) => {
        const empty = sizes.map((size, index) => node(`n${index}`, A100, size))
        const placed = place(empty, oldGpus, oldReplicas)
        if (!placed) return
        const plan = ask({ nodes: without(empty, placed), old: placed, next: to(newGpus, newReplicas) })
        if (!plan.ok) return
        let [old, next] = [placed.length, 0]
        for (const step of plan.steps) {
          if (step.kind === 'start') next = step.new_replicas
          else old = step.old_replicas
          expect(old + next).toBeGreaterThan(0)
        }
        expect([old, next]).toEqual([0, newReplicas])
        for (const { node: name, gpus } of plan.peak)
          expect(gpus).toBeLessThanOrEqual(empty.find((one) => one.name === name)?.gpu_count ?? 0)
        if (plan.strategy === 'surge') expect(plan.steps[0]?.kind).toBe('start')
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  const place = (nodes: NodeView[], gpus: number, replicas: number) =>
    placeReplicas({ cluster_name: 'demo', nodes, gpu_type: A100, deployment: llamaOn(A100, gpus), replicas }).placed
  const without = (nodes: NodeView[], placed: { node: string; gpus: number }[][]): NodeView[] => {
    const used = new Map(addNodeGpus(...placed).map((entry) => [entry.node, entry.gpus]))
    return nodes.map((one) => ({ ...one, gpus_free: one.gpu_count - (used.get(one.name) ?? 0) }))
  }
})
