import { describe, expect, it } from 'vitest'
import { LLAMA_8B } from '../testing/llama-facts.ts'
import { assessStart, type StartingReplica, type StartQuestion, startLimitMs } from './assess-start.ts'

const one = (change: Partial<StartingReplica>): StartingReplica => ({
  id: 'chat-r1-0',
  phase: 'loading',
  restarts: 0,
  restarts_before: 0,
  message: null,
  ...change,
})
const ask = (replicas: StartingReplica[], change: Partial<StartQuestion> = {}) =>
  assessStart({ replicas, wanted: 2, elapsed_ms: 1000, limit_ms: 60_000, ...change })

describe('assessStart', () => {
  it('says how many are ready and what the others do', () => {
    expect(ask([one({ phase: 'ready' }), one({ phase: 'compiling' })])).toEqual({
      state: 'waiting',
      ready: 1,
      message: '1 of 2 replicas ready; 1 compiling.',
    })
    expect(ask([])).toMatchObject({ state: 'waiting', message: '0 of 2 replicas ready.' })
    expect(ask([one({ phase: 'ready' }), one({ phase: 'ready' })])).toMatchObject({ state: 'ready', ready: 2 })
  })

  it.each<[string, Partial<StartingReplica>, Partial<StartQuestion>, string]>([
    ['one crash, which may be bad luck', { phase: 'crashed', restarts: 1, message: 'died' }, {}, 'waiting'],
    ['three crashes in one start', { phase: 'crashed', restarts: 3, message: 'died' }, {}, 'failed'],
    ['a crash that a restart has followed', { phase: 'loading', restarts: 2 }, {}, 'waiting'],
    ['out of GPU memory once, which repeats itself', { restarts: 1, message: 'CUDA out of memory.' }, {}, 'failed'],
    ['three crashes before this start', { restarts: 3, restarts_before: 3, message: 'died' }, {}, 'waiting'],
    ['three crashes since, after others before', { restarts: 7, restarts_before: 4, message: 'died' }, {}, 'failed'],
    ['no place, just asked', { phase: 'unschedulable' }, {}, 'waiting'],
    ['no place after a while', { phase: 'unschedulable' }, { elapsed_ms: 16_000 }, 'failed'],
    ['still loading after twice the time', { phase: 'loading' }, { elapsed_ms: 60_001 }, 'failed'],
  ])('%s', (_what, change, question, state) => {
    expect(ask([one(change)], question).state).toBe(state)
  })

  it.each([
    ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB', 'gpu-out-of-memory'],
    ['ValueError: No available memory for the cache blocks', 'gpu-out-of-memory'],
    ['Last state: OOMKilled', 'out-of-memory'],
    ['0/5 nodes are available: 2 Insufficient nvidia.com/gpu.', 'unschedulable'],
    ['Back-off: ImagePullBackOff', 'image-pull'],
    ['error: unrecognized arguments: --swap-space 4', 'unknown-flag'],
    ["Model architectures ['FooForCausalLM'] are not supported for now", 'unsupported-architecture'],
    ['NCCL error: unhandled system error', 'gpu-communication'],
    ['KeyboardInterrupt: terminated', 'killed-while-loading'],
    ['Segmentation fault', 'engine-crashed'],
  ])('reads "%s"', (said, code) => {
    const verdict = ask([one({ phase: 'crashed', restarts: 9, message: said })])
    expect(verdict).toMatchObject({
      state: 'failed',
      reasons: [{ code, evidence: said, next_step: expect.any(String) }],
    })
  })
})

describe('startLimitMs', () => {
  it('grows with the weights, and is never impatient', () => {
    const small = startLimitMs({ ...LLAMA_8B, weight_bytes: 1 }, 'vllm', undefined)
    const large = startLimitMs({ ...LLAMA_8B, weight_bytes: 1_000_000_000_000 }, 'vllm', undefined)
    expect(small).toBeGreaterThanOrEqual(120_000)
    expect(large).toBeGreaterThan(small + 60_000)
  })

  it('counts parameters where there are no files', () => {
    const files = startLimitMs({ ...LLAMA_8B, weight_bytes: 2 * LLAMA_8B.parameter_count }, 'vllm', undefined)
    expect(startLimitMs(LLAMA_8B, 'vllm', undefined)).toBe(files)
  })
})
