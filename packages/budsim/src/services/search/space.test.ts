import { Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, LLAMA_8B, LLAMA_70B } from '../../testing/fixtures.ts'
import { MIXTRAL, queryOf, search } from '../../testing/search.ts'
import { listShapes } from './list-shapes.ts'
import { listVariants } from './list-variants.ts'
import type { SearchQuery } from './search-types.ts'

const H100 = [{ name: 'a', gpu_type: 'H100-SXM-80GB', free: 8 }]
const shapesOf = (query: Partial<SearchQuery>) => listShapes(queryOf({ nodes: H100, ...query }))
const layoutsOf = (query: Partial<SearchQuery>) =>
  new Set(
    shapesOf(query).map(
      (shape) =>
        `${shape.tensorParallelSize}×${shape.pipelineParallelSize}×${shape.dataParallelSize}${shape.expertParallel ? ' EP' : ''}`,
    ),
  )
const formatsOf = (query: Partial<SearchQuery>) =>
  new Set(
    shapesOf(query).map(({ runtime, quantization, kvCacheDtype }) => `${runtime} ${quantization} ${kvCacheDtype}`),
  )

describe('the space that is searched', () => {
  it('spreads experts over tensor groups and over attention ranks, of expert models alone', () => {
    expect(layoutsOf({ facts: MIXTRAL, runtimes: ['vllm'] })).toEqual(
      new Set([
        ...['1×1×1', '1×2×1', '1×4×1', '1×8×1', '2×1×1', '2×2×1', '2×4×1', '4×1×1', '4×2×1', '8×1×1'],
        ...['2×1×1 EP', '4×1×1 EP', '8×1×1 EP', '1×1×2 EP', '1×1×4 EP', '1×1×8 EP', '2×1×2 EP', '2×1×4 EP', '4×1×2 EP'],
      ]),
    )
    expect([...layoutsOf({ facts: LLAMA_70B })].filter((layout) => layout.includes('EP'))).toEqual([])
  })

  it('keeps attention whole on TensorRT-LLM’s ranks', () => {
    const ranks = shapesOf({ facts: DEEPSEEK_V3, runtimes: ['tensorrt-llm'] }).filter((one) => one.dataParallelSize > 1)
    expect(new Set(ranks.map(({ tensorParallelSize }) => tensorParallelSize))).toEqual(new Set([1]))
  })

  it('quantises only with leave, where engine, GPU and weights can', () => {
    expect(formatsOf({})).toEqual(
      new Set(['vllm undefined auto', 'sglang undefined auto', 'tensorrt-llm undefined auto']),
    )
    const allowed = formatsOf({ allow_quantization: true })
    expect(allowed).toContain('vllm fp8 fp8')
    expect(allowed).toContain('sglang fp8 auto')
    expect([...allowed].filter((format) => format.startsWith('tensorrt-llm fp8'))).toEqual([])
    const published = formatsOf({ allow_quantization: true, facts: DEEPSEEK_V3 })
    expect(published).toEqual(
      new Set([
        'vllm undefined auto',
        'vllm undefined fp8',
        'sglang undefined auto',
        'sglang undefined fp8',
        'tensorrt-llm undefined auto',
      ]),
    )
    const ampere = [{ name: 'a', gpu_type: 'A100-SXM-80GB', free: 8 }]
    expect(formatsOf({ allow_quantization: true, nodes: ampere, runtimes: ['vllm'] })).toEqual(
      new Set(['vllm undefined auto']),
    )
  })

  it('names the formats it chose', () => {
    const { candidates } = search({ facts: LLAMA_70B, allow_quantization: true, nodes: H100 })
    const quantised = candidates.find(
      ({ deployment: { config } }) => config.quantization && config.kv_cache_dtype === 'fp8',
    )
    expect(quantised?.why).toContain('with fp8 weights and fp8 cache')
  })

  it('tries no batch limit that neither the load nor the cache could fill', () => {
    const shape = shapesOf({ facts: LLAMA_70B }).find(({ tensorParallelSize: size }) => size === 4)
    if (!shape) throw new Error('no TP 4')
    const limitsOf = (workload: Workload) => [
      ...new Set(listVariants(shape, { facts: LLAMA_70B, workload }).map(({ config }) => config.max_num_seqs)),
    ]
    expect(limitsOf(Workload.parse({ concurrency: 3 }))).toEqual([8, 4, 2, 1])
    expect(limitsOf(Workload.parse({ concurrency: 64 }))).toEqual([64, 48, 32, 24, 16, 8, 4, 2, 1])
    expect(limitsOf(Workload.parse({ request_rate_per_s: 5 }))[0]).toBeGreaterThanOrEqual(256)
    expect(limitsOf(Workload.parse({ request_rate_per_s: 5, input_tokens: 60_000 }))[0]).toBeLessThanOrEqual(16)
  })

  it('keeps as much memory free as is asked', () => {
    for (const [memory_headroom, used] of [
      [undefined, 0.9],
      [0.2, 0.8],
    ] as const) {
      const { candidates } = search({ facts: LLAMA_8B, memory_headroom })
      expect(new Set(candidates.map(({ deployment: { config } }) => config.gpu_memory_utilization))).toEqual(
        new Set([used]),
      )
    }
    const tight = {
      nodes: [{ name: 'a', gpu_type: 'H100-SXM-80GB', free: 2 }],
      runtimes: ['vllm'] as const,
      workload: Workload.parse({ concurrency: 1 }),
    }
    expect(search({ ...tight, memory_headroom: 0.02 }).feasible).toBe(true)
    expect(search({ ...tight, memory_headroom: 0.15 }).feasible).toBe(false)
    expect(search({ ...tight, memory_headroom: 0.15, allow_quantization: true }).feasible).toBe(true)
  })

  it('looks genetically where the space is large, and at everything before it says that nothing holds', () => {
    const nodes = ['H100-SXM-80GB', 'H200-SXM-141GB', 'B200-SXM-180GB', 'L40S-48GB', 'MI300X-192GB'].flatMap(
      (gpu_type) => [1, 2].map((index) => ({ name: `${gpu_type}-${index}`, gpu_type, free: 8 })),
    )
    const large = {
      facts: MIXTRAL,
      nodes,
      allow_quantization: true,
      workload: Workload.parse({ request_rate_per_s: 5 }),
    }
    const found = search(large)
    expect(found.method).toMatch(/^genetic \(seed 1\): /)
    expect(found.evaluated).toBeLessThanOrEqual(found.space * 0.3)
    const none = search({ ...large, targets: { ttft_ms: 0.01 } })
    expect(none.method).toMatch(/^genetic \(seed 1\) found nothing that holds; exhaustive: all [\d,]+ configurations/)
    expect(none.evaluated).toBe(none.space)
  })
})

describe('the engine', () => {
  const best = (query: Partial<SearchQuery>) => search({ facts: LLAMA_8B, nodes: H100, ...query }).candidates[0]

  it('is SGLang for structured answers and for prompts that share a prefix, and the answer says why', () => {
    expect(best({})?.deployment.runtime).not.toBe('sglang')
    const structured = best({ workload: Workload.parse({ concurrency: 32, structured_output: true }) })
    expect(structured?.deployment.runtime).toBe('sglang')
    expect(structured?.why).toContain('SGLang suits structured answers: the others were counted 10 % slower')
    const shared = best({ workload: Workload.parse({ concurrency: 32, prefix_cache_share: 0.6 }) })
    expect(shared?.deployment.runtime).toBe('sglang')
    expect(shared?.why).toContain('prompts of which 60 % are shared')
  })

  it('is another where SGLang is not asked for, and the answer says what that costs', () => {
    const other = best({ runtimes: ['vllm'], workload: Workload.parse({ concurrency: 32, structured_output: true }) })
    expect(other?.why).toContain('vllm stands before SGLang, which suits structured answers')
  })
})

describe('replicas', () => {
  it('that change no latency are given back', () => {
    const [best] = search({
      facts: LLAMA_8B,
      objective: 'latency',
      workload: Workload.parse({ concurrency: 1 }),
    }).candidates
    expect(best?.deployment.replicas).toBe(1)
    const busy = search({ facts: LLAMA_8B, objective: 'latency', workload: Workload.parse({ concurrency: 256 }) })
    expect(busy.candidates[0]?.deployment.replicas).toBeGreaterThan(1)
  })
})

describe('the smaller sibling', () => {
  it('is searched under the same limits', () => {
    const sibling = { name: 'small', facts: LLAMA_8B }
    const found = search({ targets: { ttft_ms: 3000 }, sibling })
    expect(found.sibling).toMatchObject({ model: 'small', parameter_count: LLAMA_8B.parameter_count, feasible: true })
    expect(found.sibling?.candidate).toEqual(search({ facts: LLAMA_8B, targets: { ttft_ms: 3000 } }).candidates[0])
    expect(search({ targets: { ttft_ms: 0.1 }, sibling }).sibling).toMatchObject({ feasible: false, candidate: null })
    expect(search({}).sibling).toBeNull()
  })
})
