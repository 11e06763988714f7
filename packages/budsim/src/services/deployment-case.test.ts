import { type Deployment, type GpuSpec, type ModelFacts, Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { kvBytesPerElement } from '../domain/engine-defaults.ts'
import { KV_BYTES } from '../domain/kernels/roofline.ts'
import { estimateMemory } from '../domain/memory-fit.ts'
import { servedFacts } from '../domain/served-facts.ts'
import { DEEPSEEK_V3, deploymentOf, factsOf, gpuOf, gpus, LLAMA_8B, models } from '../testing/fixtures.ts'
import { replicaCaseOf } from './deployment-case.ts'

const h100 = gpuOf('H100-SXM-80GB')
const b200 = gpuOf('B200-SXM-180GB')

function caseOf(facts: ModelFacts, gpu: GpuSpec, deployment: Deployment, stated: Partial<Workload> = {}) {
  const workload = Workload.parse(stated)
  const memory = estimateMemory({ facts, deployment, gpu, workload })
  return replicaCaseOf({ facts, gpu, deployment, workload, memory })
}

describe('a deployment as a case', () => {
  it('quantises 16-bit weights alone, and leaves narrow ones as they are', () => {
    const fp8 = caseOf(LLAMA_8B, h100, deploymentOf({ quantization: 'fp8' }))
    expect(fp8.build.facts.weight_precision).toBe('fp8')
    expect(fp8.build.formats.dense).toBe('fp8')
    expect(caseOf(LLAMA_8B, h100, deploymentOf({})).build.facts).toBe(LLAMA_8B)
    expect(caseOf(DEEPSEEK_V3, b200, deploymentOf({ quantization: 'fp8' })).build.facts).toBe(DEEPSEEK_V3)
  })

  it('lays out attention ranks that share experts, each with its part of the sequences', () => {
    const one = caseOf(
      DEEPSEEK_V3,
      b200,
      deploymentOf({ tensor: 2, data_parallel_size: 4, expert_parallel: true, max_num_seqs: 100 }),
    )
    expect(one.build.layout).toEqual({ tensorParallel: 2, pipelineParallel: 1, dataParallel: 4, expertParallel: 8 })
    expect(one.maxNumSeqs).toBe(25)
    expect(one.replicas).toBe(1)
    expect(caseOf(LLAMA_8B, h100, deploymentOf({ tensor: 4 })).build.layout.expertParallel).toBe(1)
  })

  it('takes shared prefixes from the cache only where the engine keeps one', () => {
    const shared = { input_tokens: 1001, prefix_cache_share: 0.5 }
    expect(caseOf(LLAMA_8B, h100, deploymentOf({}), shared).cachedTokens).toBe(500)
    expect(caseOf(LLAMA_8B, h100, deploymentOf({ enable_prefix_caching: false }), shared).cachedTokens).toBe(0)
  })

  it('gives the engine’s newest version where none is named', () => {
    expect(caseOf(LLAMA_8B, h100, deploymentOf({})).engineVersion).toMatch(/^\d+\.\d+/)
    const named = { ...deploymentOf({}), runtime_version: '0.9.1' }
    expect(caseOf(LLAMA_8B, h100, named).engineVersion).toBe('0.9.1')
  })

  it('takes a version that was hardly measured for the newest that was', () => {
    const versionOf = (runtime_version: string) =>
      caseOf(LLAMA_8B, h100, { ...deploymentOf({ runtime: 'tensorrt-llm' }), runtime_version }).engineVersion
    expect(['1.3', '1.10.0', '1.2', '1.0.0rc3'].map(versionOf)).toEqual(['1.2', '1.2', '1.2', '1.0.0rc3'])
  })

  it('holds the cache in the format that memory is counted in', () => {
    for (const { facts } of models) {
      for (const gpu of gpus) {
        for (const runtime of ['vllm', 'sglang', 'tensorrt-llm'] as const) {
          for (const kv_cache_dtype of ['auto', 'fp8'] as const) {
            const deployment = deploymentOf({ runtime, kv_cache_dtype })
            const { formats } = caseOf(facts, gpu, deployment).build
            expect(KV_BYTES[formats.kv]).toBe(kvBytesPerElement(deployment, servedFacts(facts, deployment.config)))
          }
        }
      }
    }
  })

  it('lets answers vary no further than the context', () => {
    const long = { input_tokens: 1000, output_tokens: 1000, output_tokens_cv: 3 }
    expect(caseOf(LLAMA_8B, h100, deploymentOf({}), long).outputVariance).toBe(9)
    expect(caseOf(LLAMA_8B, h100, deploymentOf({ max_model_len: 4000 }), long).outputVariance).toBe(2)
    expect(caseOf(factsOf('Qwen/Qwen3-235B-A22B'), h100, deploymentOf({})).outputVariance).toBe(0)
  })
})
