import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SimulatedNode } from '@bud/kernel'
import { beforeEach, describe, expect, it } from 'vitest'
import { catalogue, demoNodes, kernels, largeModel, type ReleaseWishes, releaseOf } from '../testing/fixtures.ts'
import { VirtualTimers } from '../testing/virtual-timers.ts'
import { Cluster } from './cluster.ts'
import { ReleaseStore } from './release-store.ts'

const MINUTES = 60_000
let stateDir: string
let timers: VirtualTimers
let cluster: Cluster

const start = (nodes: readonly SimulatedNode[] = demoNodes) =>
  new Cluster({
    nodes,
    catalogue,
    kernels,
    store: new ReleaseStore(stateDir),
    timers,
    startupTimeFactor: 1,
    baseUrl: () => 'http://127.0.0.1:1',
  })

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'enginesim-test-'))
  timers = new VirtualTimers()
  cluster = start()
})

const put = (wishes: ReleaseWishes = {}) => cluster.put(releaseOf(wishes)).replicas
const replicas = (name = 'chat') => cluster.release(name).replicas
const phases = (name = 'chat') => replicas(name).map(({ phase }) => phase)
const untilReady = () => timers.advance(10 * MINUTES)

describe('a replica’s start', () => {
  it('goes through the engine’s phases in order', () => {
    put()
    const seen: string[] = []
    for (let s = 0; s < 200; s++) {
      const [phase] = phases()
      if (phase !== undefined && seen.at(-1) !== phase) seen.push(phase)
      timers.advance(1000)
    }
    expect(seen).toEqual(['scheduling', 'pulling', 'loading', 'compiling', 'warming', 'ready'])
    expect(
      cluster
        .logs('chat', 100)
        .map(({ line }) => line)
        .join('\n'),
    ).toContain('Application startup complete')
    expect(timers.pending).toBe(0)
  })

  it('ends out of memory when the model does not fit, and is tried again with growing pauses', () => {
    put({ facts: largeModel })
    timers.advance(3 * MINUTES)
    const [first] = replicas()
    expect(first?.message).toContain('CUDA out of memory')
    timers.advance(60 * MINUTES)
    const [later] = replicas()
    expect(later?.restarts).toBeGreaterThan(2)
    expect(later?.restarts).toBeLessThan(20)
  })

  it('ends out of memory by the fault switch, and well once that is cleared', () => {
    put()
    cluster.setFault('chat', { out_of_memory_at_load: true })
    timers.advance(48_000)
    expect(replicas()[0]).toMatchObject({ phase: 'crashed', restarts: 1 })
    cluster.setFault('chat', {})
    untilReady()
    expect(phases()).toEqual(['ready'])
  })

  it('comes back after the crash switch', () => {
    put({ replicas: 2 })
    untilReady()
    cluster.setFault('chat', { crash: true })
    expect(phases()).toEqual(['crashed', 'crashed'])
    untilReady()
    expect(replicas().map(({ phase, restarts }) => [phase, restarts])).toEqual([
      ['ready', 1],
      ['ready', 1],
    ])
  })
})

describe('scheduling', () => {
  it('spreads replicas and gives no GPU twice', () => {
    put({ replicas: 4, config: { tensor_parallel_size: 4 }, facts: largeModel })
    expect(replicas().map(({ node }) => node)).toEqual(['h100-1', 'h100-2', 'h100-1', 'h100-2'])
    const given = cluster.nodes().flatMap(({ name, allocations }) => allocations.map(({ gpu }) => `${name}/${gpu}`))
    expect(new Set(given).size).toBe(16)
  })

  it('leaves what does not fit unschedulable, with the scheduler’s reason, until GPUs are free', () => {
    put({ name: 'first', replicas: 2, config: { tensor_parallel_size: 8 }, facts: largeModel })
    const [late] = put({ name: 'second', config: { tensor_parallel_size: 8 }, facts: largeModel })
    expect(late).toMatchObject({
      phase: 'unschedulable',
      node: null,
      message:
        "0/5 nodes are available: 2 Insufficient nvidia.com/gpu, 3 node(s) didn't match Pod's node affinity/selector.",
    })
    cluster.put(releaseOf({ name: 'first', replicas: 1, config: { tensor_parallel_size: 8 }, facts: largeModel }))
    expect(phases('second')).toEqual(['scheduling'])
  })

  it('resolves aliases, and finds no node for a GPU that nobody knows', () => {
    expect(put({ name: 'a', gpu: 'nvidia-a100-80gb' })[0]?.node).toMatch(/^a100/)
    expect(put({ name: 'b', gpu: 'no-such-gpu' })[0]?.message).toContain("5 node(s) didn't match")
  })
})

describe('a release', () => {
  it('is idempotent', () => {
    const before = put({ replicas: 2 })
    timers.advance(30_000)
    expect(put({ replicas: 2 }).map(({ id, node, gpus }) => [id, node, gpus])).toEqual(
      before.map(({ id, node, gpus }) => [id, node, gpus]),
    )
    untilReady()
    expect(phases()).toEqual(['ready', 'ready'])
  })

  it('names replicas by revision and ordinal and removes the highest ordinals first', () => {
    put({ replicas: 3, revision: 2 })
    put({ replicas: 1, revision: 2 })
    expect(replicas().map(({ id }) => id)).toEqual(['chat-r2-0'])
  })

  it('runs two revisions side by side', () => {
    const old = releaseOf({ revision: 1 })
    const next = releaseOf({ revision: 2, config: { max_num_seqs: 64 } })
    cluster.put({ ...old, groups: [...old.groups, ...next.groups] })
    expect(replicas().map(({ id }) => id)).toEqual(['chat-r1-0', 'chat-r2-0'])
  })

  it('lets in-flight requests end before a removed replica goes, and no longer than the limit', () => {
    put()
    untilReady()
    const replica = cluster.replica('chat-r1-0')
    let broken = false
    const inFlight = {
      destroy() {
        broken = true
      },
    }
    const end = replica?.track(inFlight)
    cluster.put({ ...releaseOf(), groups: [] })
    expect(phases()).toEqual(['draining'])
    expect(cluster.nodes()[0]?.allocations.length).toBe(1)
    end?.()
    expect(phases()).toEqual([])
    expect(cluster.nodes()[0]?.allocations).toEqual([])

    put()
    untilReady()
    cluster.replica('chat-r1-0')?.track(inFlight)
    cluster.delete('chat')
    expect(() => cluster.release('chat')).toThrow(/No release/)
    timers.advance(31_000)
    expect(broken).toBe(true)
    expect(cluster.nodes()[0]?.allocations).toEqual([])
  })

  it('reports GPU memory and use under DCGM’s names', () => {
    put()
    untilReady()
    const text = cluster.nodeMetrics('h100-1') ?? ''
    expect(text).toMatch(/DCGM_FI_DEV_GPU_UTIL\{gpu="0",UUID="GPU-[0-9a-f-]{36}".*Hostname="h100-1"/)
    expect(Number(/DCGM_FI_DEV_FB_USED\{gpu="0".*\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(50_000)
    expect(Number(/DCGM_FI_DEV_FB_USED\{gpu="1".*\} (\d+)/.exec(text)?.[1])).toBe(0)
    expect(cluster.nodeMetrics('nowhere')).toBeUndefined()
  })
})

describe('the state folder', () => {
  it('brings releases back on the same GPUs, as far on as time has gone', () => {
    put({ replicas: 2 })
    const before = replicas().map(({ id, node, gpus }) => ({ id, node, gpus }))
    timers.advance(10_000)
    cluster = start()
    cluster.restore()
    expect(replicas().map(({ id, node, gpus }) => ({ id, node, gpus }))).toEqual(before)
    expect(phases()).toEqual(['pulling', 'pulling'])
    timers.advance(10 * MINUTES)
    cluster = start()
    cluster.restore()
    expect(phases()).toEqual(['ready', 'ready'])
  })

  it('forgets what was deleted', () => {
    put()
    cluster.delete('chat')
    cluster = start()
    cluster.restore()
    expect(cluster.releases()).toEqual([])
  })

  it('places anew what stood on a node that is no longer there', () => {
    put()
    untilReady()
    cluster = start(demoNodes.slice(1))
    cluster.restore()
    expect(replicas()[0]).toMatchObject({ node: 'h100-2', phase: 'scheduling' })
  })

  it('survives a half-written file and sets an unreadable one aside', () => {
    put({ name: 'whole' })
    const folder = join(stateDir, 'releases')
    writeFileSync(join(folder, 'half.json.tmp'), '{"release": {"na')
    writeFileSync(join(folder, 'broken.json'), '{"release": {"na')
    cluster = start()
    expect(cluster.restore()).toEqual(['broken.json'])
    expect(cluster.releases().map(({ name }) => name)).toEqual(['whole'])
    expect(readdirSync(folder)).toContain('broken.json.unreadable')
  })
})
