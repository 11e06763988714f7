import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, gpuOf, LLAMA_70B, models } from '../../testing/fixtures.ts'
import { caseOf, casePhysics } from '../../testing/serving-cases.ts'
import { totalUs } from './replica-passes.ts'
import type { ServingCase } from './serving-case.ts'

const physicsOf = (stated: Partial<ServingCase>, query: Parameters<typeof caseOf>[0] = {}) =>
  casePhysics.measure(caseOf(query, stated))

describe('the batch that runs', () => {
  it('never exceeds what the cache and the limit on sequences admit, nor the load', () => {
    for (const { facts } of models) {
      for (const kvCacheBytes of [1e6, 1e9, 50e9]) {
        for (const concurrency of [1, 7, 64, 5000]) {
          for (const maxNumSeqs of [null, 8, 300]) {
            const physics = physicsOf({ kvCacheBytes, concurrency, maxNumSeqs }, { facts })
            expect(physics.batch).toBeLessThanOrEqual(Math.min(physics.capacity, concurrency))
            expect(physics.capacity).toBeLessThanOrEqual(Math.min(physics.cacheCapacity, maxNumSeqs ?? 1024))
            expect(physics.batch).toBeGreaterThanOrEqual(1)
          }
        }
      }
    }
  })

  it('is the load where it fits, shared by replicas and attention ranks', () => {
    expect(physicsOf({ concurrency: 32 }).batch).toBe(32)
    expect(physicsOf({ concurrency: 32, replicas: 4 }).batch).toBe(8)
    const spread = physicsOf(
      { concurrency: 32, replicas: 2 },
      { facts: DEEPSEEK_V3, gpu: gpuOf('H200-SXM-141GB'), dataParallel: 8, expertParallel: 8 },
    )
    expect(spread).toMatchObject({ batch: 2, ranks: 16 })
  })

  it.each([0.5, 4, 16])('follows Little’s law at %f requests per second', (requestsPerS) => {
    const one = caseOf({}, { scenario: 'open-loop', concurrency: null, requestsPerS })
    const { batch, decodeMs, prefillMs } = casePhysics.measure(one)
    // Under a rate a step lasts 1.3 times its kernels and a millisecond.
    const serviceS = (prefillMs + one.outputTokens * (1.3 * decodeMs + 1)) / 1e3
    expect(batch / (requestsPerS * serviceS)).toBeCloseTo(1, 3)
  })

  it('grows with the rate until everything that fits runs', () => {
    const at = (requestsPerS: number) =>
      physicsOf({ scenario: 'open-loop', concurrency: null, requestsPerS, maxNumSeqs: 64 })
    const batches = [0.1, 1, 5, 10, 1000].map((rate) => at(rate).batch)
    expect(batches).toEqual(batches.toSorted((a, b) => a - b))
    expect(at(1000).batch).toBeCloseTo(64)
    expect(at(1000).waves).toBe(1)
  })

  it('is all that fits where everything comes at once, on every replica', () => {
    for (const replicas of [1, 4]) {
      const unlimited = physicsOf({ scenario: 'offline', concurrency: null, replicas })
      expect(unlimited.batch).toBe(unlimited.capacity)
      const burst = { scenario: 'burst', concurrency: null, requestsPerS: Number.POSITIVE_INFINITY } as const
      expect(physicsOf({ ...burst, maxNumSeqs: 100, replicas })).toMatchObject({ batch: 100, waves: 1 })
    }
  })
})

describe('waves', () => {
  it('count how often the batch is filled; a tenth more than its places may be in flight unseen', () => {
    const at = (concurrency: number) => physicsOf({ concurrency, maxNumSeqs: 10 }).waves
    expect(at(10)).toBe(1)
    expect(at(11)).toBe(1)
    expect(at(22)).toBeCloseTo(2)
    expect(at(110)).toBeCloseTo(10)
  })
})

describe('the cache', () => {
  it('admits in proportion to its bytes, and at least one request', () => {
    const at = (kvCacheBytes: number) => physicsOf({ kvCacheBytes }).cacheCapacity
    expect(at(40e9) / at(10e9)).toBeCloseTo(4)
    expect(at(1)).toBe(1)
  })

  it('is reserved for whole answers by TensorRT-LLM, and grows with them elsewhere', () => {
    const at = (engine: 'vllm' | 'tensorrt-llm') => physicsOf({ outputTokens: 2048 }, { engine }).cacheCapacity
    expect(at('vllm') / at('tensorrt-llm')).toBeCloseTo((1024 + 2048) / (1024 + 1024))
  })

  it('found for a part of the prompt leaves the rest to be computed, behind it', () => {
    const [cold, warm] = [physicsOf({ inputTokens: 8192 }), physicsOf({ inputTokens: 8192, cachedTokens: 7168 })]
    expect(warm.prefillMs).toBeLessThan(cold.prefillMs / 3)
    expect(warm.prefillMs).toBeGreaterThan(physicsOf({ inputTokens: 1024 }).prefillMs)
    expect(warm.decodeMs).toBe(cold.decodeMs)
  })
})

describe('times', () => {
  it('are milliseconds: the parts of a step and of a prompt add up to them', () => {
    for (const query of [{}, { facts: LLAMA_70B, tensorParallel: 4, pipelineParallel: 2 }]) {
      const physics = physicsOf({}, query)
      expect(totalUs(physics.decode)).toBeCloseTo(physics.decodeMs)
      expect(totalUs(physics.prefillParts)).toBeCloseTo(physics.prefillMs)
    }
  })

  it('of well loaded kernels are longer than the roofline, though not by far', () => {
    const decoding = physicsOf({ concurrency: 64 }, { facts: LLAMA_70B, tensorParallel: 4 })
    expect(decoding.decodeMs / decoding.rooflineDecodeMs).toBeGreaterThan(1)
    expect(decoding.decodeMs / decoding.rooflineDecodeMs).toBeLessThan(2)
    const prompt = physicsOf({ inputTokens: 8192 }, { facts: LLAMA_70B, tensorParallel: 4 })
    expect(prompt.prefillMs / prompt.rooflinePrefillMs).toBeGreaterThan(1)
    expect(prompt.prefillMs / prompt.rooflinePrefillMs).toBeLessThan(2.5)
  })

  it('per output token fall with what speculation accepts', () => {
    const query = { facts: LLAMA_70B, tensorParallel: 4 }
    const plain = physicsOf({ concurrency: 4 }, query)
    const at = (acceptedTokens: number) =>
      physicsOf({ concurrency: 4, speculation: { draftedTokens: 4, acceptedTokens } }, query)
    expect(at(2.5).decodeMs).toBeLessThan(plain.decodeMs)
    expect(at(3).decodeMs).toBeCloseTo((at(2.5).decodeMs * 2.5) / 3)
    expect(at(2.5).acceptedPerStep).toBe(2.5)
  })

  it('of prompts that share a step are shorter each than alone, and never fewer tokens than a step takes', () => {
    const short = physicsOf({ inputTokens: 64 })
    expect(short.promptsPerStep).toBe(64)
    expect(short.promptMs).toBeLessThan(short.prefillMs / 2)
    expect(physicsOf({ inputTokens: 2048 }).promptsPerStep).toBe(4)
    expect(physicsOf({ inputTokens: 32768 }).promptsPerStep).toBe(1)
  })

  it('of a step are delayed by prompts in proportion to how many come in per token', () => {
    const { batch, promptMs, interferenceMs } = physicsOf({ concurrency: 32, outputTokens: 128 })
    expect(interferenceMs).toBeCloseTo((batch / 128) * promptMs)
  })

  it('of full pipelines hold bubbles: with as many sequences per stage, more stages deliver more, but less than as many times', () => {
    const perSecond = (pipelineParallel: number) => {
      const { batch, decodeMs } = physicsOf(
        { concurrency: 64 * pipelineParallel, kvCacheBytes: 400e9 },
        { facts: LLAMA_70B, tensorParallel: 2, pipelineParallel },
      )
      return batch / decodeMs
    }
    for (const stages of [2, 4, 8]) {
      expect(perSecond(stages) / perSecond(1)).toBeGreaterThan(0.5 * stages)
      expect(perSecond(stages) / perSecond(1)).toBeLessThan(0.9 * stages)
    }
  })
})

it('remembers a build by all it consists of', () => {
  const at = (query: Parameters<typeof caseOf>[0]) => casePhysics.measure(caseOf(query)).decodeMs
  const kinds = [
    {},
    { engine: 'sglang' },
    { tensorParallel: 2 },
    { gpu: gpuOf('H200-SXM-141GB') },
    { facts: LLAMA_70B },
  ]
  const once = kinds.map((kind) => at(kind as Parameters<typeof caseOf>[0]))
  expect(kinds.map((kind) => at(kind as Parameters<typeof caseOf>[0]))).toEqual(once)
  const sliced = at({ facts: DEEPSEEK_V3, tensorParallel: 8 })
  expect(at({ facts: DEEPSEEK_V3, tensorParallel: 8, expertParallel: 8 })).not.toBe(sliced)
  expect(at({ facts: { ...DEEPSEEK_V3, weight_precision: 'bf16' }, tensorParallel: 8 })).toBeGreaterThan(sliced)
})
