import type { ModelFacts, WeightPrecision } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, factsOf, gpuOf, LLAMA_70B } from '../../testing/fixtures.ts'
import { formatsOf, servedKvFormat } from './weight-formats.ts'

const H100 = gpuOf('H100-SXM-80GB')
const B200 = gpuOf('B200-SXM-180GB')
const QWEN_MOE = factsOf('Qwen/Qwen3-235B-A22B')
const GPT_OSS = factsOf('openai/gpt-oss-120b')
const as = (facts: ModelFacts, weight_precision: WeightPrecision): ModelFacts => ({ ...facts, weight_precision })

describe('formats of the parts of a replica', () => {
  it.each([
    ['dense in 16 bits', LLAMA_70B, H100, ['bf16', 'bf16', 'bf16']],
    ['dense fp32 runs in 16 bits', as(LLAMA_70B, 'fp32'), H100, ['bf16', 'bf16', 'bf16']],
    ['dense fp8 with one scale per tensor', as(LLAMA_70B, 'fp8'), H100, ['fp8', 'fp8', 'fp8']],
    ['Qwen3 fp8 in blocks', as(QWEN_MOE, 'fp8'), H100, ['fp8-block', 'fp8-block', 'fp8-block']],
    ['latent attention fp8 in blocks', DEEPSEEK_V3, H100, ['fp8-block', 'fp8-block', 'fp8-block']],
    ['dense fp4', as(LLAMA_70B, 'fp4'), B200, ['nvfp4', 'nvfp4', 'nvfp4']],
    ['latent attention stays wider than fp4', as(DEEPSEEK_V3, 'fp4'), B200, ['fp8', 'nvfp4', 'nvfp4']],
    ['dense int8', as(LLAMA_70B, 'int8'), H100, ['int8', 'int8', 'int8']],
    ['dense int4', as(LLAMA_70B, 'int4'), H100, ['int4', 'int4', 'int4']],
    ['experts alone in int4', as(QWEN_MOE, 'int4'), H100, ['bf16', 'bf16', 'int4']],
    ['latent attention beside int4 experts', as(DEEPSEEK_V3, 'int4'), H100, ['bf16', 'bf16', 'int4']],
    ['mxfp4 experts without fp4 arithmetic', GPT_OSS, H100, ['bf16', 'bf16', 'mxfp4-w4a16']],
    ['mxfp4 experts on Blackwell', GPT_OSS, B200, ['bf16', 'bf16', 'mxfp4-w4a8']],
    ['mxfp4 experts on CDNA4', GPT_OSS, gpuOf('MI355X-288GB'), ['bf16', 'bf16', 'mxfp4-w4a8']],
  ] as const)('%s', (_, facts, gpu, [attention, dense, experts]) => {
    expect(formatsOf(facts, gpu, 'vllm', 'bf16')).toEqual({ attention, dense, experts, kv: 'bf16' })
  })
})

describe('the format of the cache', () => {
  it.each([
    ['auto', 'bf16', 'tensorrt-llm', 'bf16'],
    ['auto', 'fp8', 'vllm', 'bf16'],
    ['auto', 'fp8', 'sglang', 'bf16'],
    ['auto', 'fp8', 'tensorrt-llm', 'fp8'],
    ['auto', 'fp4', 'tensorrt-llm', 'fp8'],
    ['auto', 'mxfp4', 'tensorrt-llm', 'bf16'],
    ['fp8', 'bf16', 'vllm', 'fp8'],
  ] as const)('%s with %s weights by %s is %s', (setting, precision, engine, kv) => {
    expect(servedKvFormat(setting, precision, engine)).toBe(kv)
  })

  it('of published benchmarks is FP8 for narrow weights on Blackwell', () => {
    expect(formatsOf(DEEPSEEK_V3, B200, 'vllm').kv).toBe('fp8')
    expect(formatsOf(GPT_OSS, B200, 'vllm').kv).toBe('fp8')
    expect(formatsOf(LLAMA_70B, B200, 'vllm').kv).toBe('bf16')
    expect(formatsOf(DEEPSEEK_V3, H100, 'vllm').kv).toBe('bf16')
    expect(formatsOf(DEEPSEEK_V3, H100, 'tensorrt-llm').kv).toBe('fp8')
  })
})
