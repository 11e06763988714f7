import type { ModelFacts } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, deploymentOf, factsOf, gpuOf, guideDeployment, LLAMA_8B, LLAMA_70B } from '../testing/fixtures.ts'
import { checkDeployment } from './check-deployment.ts'

const codesOf = (reasons: { code: string }[]) => reasons.map((reason) => reason.code)
const inFp8 = (facts: ModelFacts): ModelFacts => ({ ...facts, weight_precision: 'fp8' })

interface Row {
  name: string
  facts?: ModelFacts
  gpu?: string
  layout: Parameters<typeof deploymentOf>[0]
  gpuCount?: number
  blocking?: string[]
  warnings?: string[]
}

const TABLE: Row[] = [
  { name: 'nothing to say about a plain deployment', layout: { max_model_len: 131_072 } },
  { name: 'gpu_count other than TP × PP', layout: { tensor: 2 }, gpuCount: 4, blocking: ['gpu-count-mismatch'] },
  {
    name: 'heads that TP does not divide',
    facts: factsOf('Qwen/Qwen2-7B'),
    layout: { tensor: 8 },
    blocking: ['heads-not-divisible'],
  },
  {
    name: 'feed-forward that TP does not divide',
    facts: { ...LLAMA_8B, intermediate_size: 14_337 },
    layout: { tensor: 2 },
    blocking: ['feed-forward-not-divisible'],
  },
  {
    name: 'KV heads that can neither be split nor repeated',
    facts: { ...LLAMA_8B, attention_heads: 24, kv_heads: 6 },
    layout: { tensor: 4 },
    blocking: ['kv-heads-not-divisible'],
  },
  { name: 'more stages than layers', layout: { pipeline: 64 }, blocking: ['too-many-pipeline-stages'] },
  { name: 'a context beyond the model’s', layout: { max_model_len: 200_000 }, blocking: ['context-too-long'] },
  {
    name: 'fewer tokens per step than sequences',
    layout: { max_num_batched_tokens: 128, max_num_seqs: 256 },
    blocking: ['batched-tokens-below-sequences'],
  },
  { name: 'weights that do not fit', facts: LLAMA_70B, layout: {}, blocking: ['gpu-memory-exceeded'] },
  {
    name: 'TensorRT-LLM on AMD',
    gpu: 'MI300X-192GB',
    layout: { runtime: 'tensorrt-llm' },
    blocking: ['engine-does-not-support-gpu'],
  },
  {
    name: 'TensorRT-LLM with FP8 on Ampere',
    facts: inFp8(LLAMA_8B),
    gpu: 'A100-SXM-80GB',
    layout: { runtime: 'tensorrt-llm' },
    blocking: ['precision-not-supported'],
  },
  {
    name: 'vLLM with FP8 on Ampere',
    facts: inFp8(LLAMA_8B),
    gpu: 'A100-SXM-80GB',
    layout: {},
    warnings: ['precision-weight-only'],
  },
  { name: 'FP8 on Hopper', facts: inFp8(LLAMA_8B), layout: {} },
  {
    name: 'an encoder-decoder',
    facts: factsOf('google/flan-t5-xl'),
    layout: {},
    blocking: ['architecture-not-supported'],
  },
  { name: 'little headroom', layout: { gpu_memory_utilization: 0.95 }, warnings: ['little-memory-headroom'] },
  { name: 'a shortened context', layout: { max_model_len: 8192 }, warnings: ['context-shortened'] },
  { name: 'tensor parallelism over PCIe', gpu: 'L40S-48GB', layout: { tensor: 4 }, warnings: ['no-fast-interconnect'] },
  {
    name: 'bfloat16 on Turing',
    facts: factsOf('facebook/opt-6.7b'),
    gpu: 'T4-16GB',
    layout: { tensor: 2, gpu_memory_utilization: 0.9 },
    warnings: ['no-fast-interconnect', 'bf16-as-fp16'],
  },
  {
    name: 'an FP8 cache on Ampere',
    gpu: 'A100-SXM-80GB',
    layout: { kv_cache_dtype: 'fp8' },
    warnings: ['kv-fp8-emulated'],
  },
  {
    name: 'attention ranks over shared experts',
    facts: DEEPSEEK_V3,
    gpu: 'H200-SXM-141GB',
    layout: { data_parallel_size: 8, expert_parallel: true, max_model_len: 16_384 },
    gpuCount: 8,
    warnings: ['context-shortened'],
  },
  {
    name: 'a GPU count that leaves out the attention ranks',
    facts: DEEPSEEK_V3,
    gpu: 'H200-SXM-141GB',
    layout: { data_parallel_size: 8, expert_parallel: true, max_model_len: 16_384 },
    gpuCount: 1,
    blocking: ['gpu-count-mismatch'],
    warnings: ['context-shortened'],
  },
  {
    name: 'ranks of a model without experts',
    layout: { data_parallel_size: 2 },
    gpuCount: 2,
    blocking: ['model-has-no-experts'],
  },
  {
    name: 'spread experts of a model without any',
    layout: { expert_parallel: true },
    blocking: ['model-has-no-experts'],
  },
  {
    name: 'experts that do not divide by the GPUs that share them',
    facts: factsOf('mistralai/Mixtral-8x7B-v0.1'),
    layout: { tensor: 16, expert_parallel: true },
    blocking: ['experts-not-divisible'],
    warnings: ['no-fast-interconnect'],
  },
  {
    name: 'spread experts on a single GPU',
    facts: factsOf('Qwen/Qwen3-30B-A3B'),
    layout: { expert_parallel: true },
    blocking: ['expert-parallel-needs-gpus'],
  },
  {
    name: 'sliced attention with ranks on TensorRT-LLM',
    facts: factsOf('mistralai/Mixtral-8x7B-v0.1'),
    layout: { runtime: 'tensorrt-llm', tensor: 2, data_parallel_size: 2, expert_parallel: true },
    gpuCount: 4,
    blocking: ['data-parallel-layout-not-supported'],
  },
  { name: 'FP8 while loading on Hopper', layout: { quantization: 'fp8' } },
  {
    name: 'FP8 while loading on Ampere',
    gpu: 'A100-SXM-80GB',
    layout: { quantization: 'fp8' },
    blocking: ['precision-not-supported'],
    warnings: ['precision-weight-only'],
  },
  {
    name: 'FP8 while loading on TensorRT-LLM',
    layout: { runtime: 'tensorrt-llm', quantization: 'fp8' },
    blocking: ['quantization-not-supported'],
  },
  {
    name: 'FP8 of weights that are FP8',
    facts: inFp8(LLAMA_8B),
    layout: { quantization: 'fp8' },
    blocking: ['already-quantised'],
  },
]

describe('checkDeployment', () => {
  it.each(TABLE)(
    '$name',
    ({ facts = LLAMA_8B, gpu = 'H100-SXM-80GB', layout, gpuCount, blocking = [], warnings = [] }) => {
      const deployment = deploymentOf({ gpu, ...layout })
      if (gpuCount !== undefined) deployment.resources.gpu_count = gpuCount
      const check = checkDeployment({ facts, deployment, gpu: gpuOf(gpu) })
      expect(codesOf(check.blocking)).toEqual(blocking)
      expect(codesOf(check.warnings)).toEqual(warnings)
    },
  )

  it('lets the guide’s YAML pass with 13B and 70B models on its GPUs', () => {
    for (const name of ['meta-llama/Llama-3.1-70B-Instruct', 'Qwen/Qwen3-14B', 'Qwen/Qwen3-32B']) {
      const facts = factsOf(name)
      expect(checkDeployment({ facts, deployment: guideDeployment(), gpu: gpuOf('A100-SXM-80GB') }).blocking).toEqual(
        [],
      )
    }
  })

  it('blocks the guide’s YAML for Llama 2, whose context is shorter, by path', () => {
    const [reason] = checkDeployment({
      facts: factsOf('meta-llama/Llama-2-13b-hf'),
      deployment: guideDeployment(),
      gpu: gpuOf('A100-SXM-80GB'),
    }).blocking
    expect(reason).toMatchObject({ code: 'context-too-long', path: 'deployment.config.max_model_len' })
  })

  it('warns of an engine version whose flags are not known', () => {
    const deployment = { ...deploymentOf({}), runtime_version: '99.0.0' }
    const { warnings } = checkDeployment({ facts: LLAMA_8B, deployment, gpu: gpuOf('H100-SXM-80GB') })
    expect(codesOf(warnings)).toEqual(['unknown-engine-version'])
  })

  it('names every problem at once, each with its path', () => {
    const deployment = deploymentOf({
      tensor: 3,
      max_model_len: 500_000,
      max_num_batched_tokens: 16,
      runtime: 'tensorrt-llm',
      gpu: 'MI300X-192GB',
    })
    deployment.resources.gpu_count = 8
    const { blocking } = checkDeployment({ facts: LLAMA_70B, deployment, gpu: gpuOf('MI300X-192GB') })
    expect(codesOf(blocking)).toEqual(
      expect.arrayContaining([
        'gpu-count-mismatch',
        'heads-not-divisible',
        'context-too-long',
        'batched-tokens-below-sequences',
        'engine-does-not-support-gpu',
      ]),
    )
    for (const reason of blocking) expect(reason.path).toMatch(/^deployment\./)
  })
})
