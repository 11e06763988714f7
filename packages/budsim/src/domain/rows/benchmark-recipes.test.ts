import { Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { deploymentCaseOf } from '../../services/deployment-case.ts'
import { DEEPSEEK_V3, deploymentOf, factsOf, gpuOf, LLAMA_8B } from '../../testing/fixtures.ts'
import { buildOf, servingRowOf } from '../../testing/serving-cases.ts'
import { recipeClientShare, recipeSpeculation, recipeWaitSteps } from './benchmark-recipes.ts'
import type { ServingRow } from './serving-row.ts'

const B200 = gpuOf('B200-SXM-180GB')
const QWEN_HYBRID = factsOf('Qwen/Qwen3.5-397B-A17B')
type Build = Parameters<typeof buildOf>[0]
const waits = (build: Build, row: Partial<ServingRow>) => recipeWaitSteps(buildOf(build), servingRowOf(row))

describe('scheduler waits of published recipes', () => {
  const sglang = { engine: 'sglang', gpu: B200, tensorParallel: 8 } as const
  const trt = { engine: 'tensorrt-llm', gpu: B200 } as const
  const company = { isl: 1024, osl: 1024, engine_version: '1.2.0' }

  it.each<[string, Build, Partial<ServingRow>, number]>([
    [
      'SGLang, latent attention on Blackwell, busy',
      { ...sglang, facts: DEEPSEEK_V3 },
      { concurrency_or_batch: 64 },
      15,
    ],
    ['SGLang, latent attention on Blackwell, calm', { ...sglang, facts: DEEPSEEK_V3 }, { concurrency_or_batch: 8 }, 5],
    ['SGLang, linear attention on Blackwell', { ...sglang, facts: QWEN_HYBRID }, { concurrency_or_batch: 16 }, 15],
    ['SGLang on Hopper', { engine: 'sglang', facts: DEEPSEEK_V3, tensorParallel: 8 }, {}, 0],
    ['SGLang, plain attention', { ...sglang, facts: LLAMA_8B }, {}, 0],
    ['SGLang, sparse attention', { ...sglang, facts: { ...DEEPSEEK_V3, architecture: 'deepseek_v3_2' } }, {}, 0],
    ['TensorRT-LLM, attention data parallel', { ...trt, facts: DEEPSEEK_V3, dataParallel: 8 }, {}, 25],
    ['TensorRT-LLM, dense, on few GPUs', { ...trt, tensorParallel: 4 }, company, 20],
    ['TensorRT-LLM, dense, on eight GPUs', { ...trt, tensorParallel: 8 }, company, 0],
    ['TensorRT-LLM, dense, other lengths', trt, { ...company, isl: 8192 }, 0],
    ['TensorRT-LLM before 1.1', trt, { ...company, engine_version: '1.0.0' }, 0],
    [
      'TensorRT-LLM, latent attention, middling load',
      { ...trt, facts: DEEPSEEK_V3 },
      { ...company, concurrency_or_batch: 64 },
      20,
    ],
    [
      'TensorRT-LLM, latent attention, high load',
      { ...trt, facts: DEEPSEEK_V3 },
      { ...company, concurrency_or_batch: 256 },
      0,
    ],
    ['vLLM', { facts: DEEPSEEK_V3, gpu: B200 }, company, 0],
    ['no closed loop', { ...trt, facts: DEEPSEEK_V3, dataParallel: 8 }, { scenario: 'open-loop' }, 0],
  ])('%s', (_, build, row, steps) => {
    expect(waits(build, row)).toBe(steps)
  })
})

describe('speculation of published recipes', () => {
  const of = (build: Build, row: Partial<ServingRow>) => recipeSpeculation(buildOf(build), servingRowOf(row))

  it('is what a row is labelled with, less of it under attention data parallelism', () => {
    expect(of({}, {})).toBeUndefined()
    expect(of({ facts: DEEPSEEK_V3 }, { speculative: true })).toEqual({ draftedTokens: 4, acceptedTokens: 2.5 })
    expect(of({ facts: DEEPSEEK_V3, dataParallel: 8 }, { speculative: true })).toEqual({
      draftedTokens: 2,
      acceptedTokens: 1.7,
    })
  })

  it('ran unlabelled in one build of TensorRT-LLM, with latent attention', () => {
    const row = { engine_version: '1.2.0rc6.post3' }
    expect(of({ engine: 'tensorrt-llm', facts: DEEPSEEK_V3 }, row)).toBeDefined()
    expect(of({ engine: 'tensorrt-llm' }, row)).toBeUndefined()
    expect(of({ engine: 'vllm', facts: DEEPSEEK_V3 }, row)).toBeUndefined()
  })
})

it('the client that staggers its requests measured dense models in closed loops by TensorRT-LLM 1.0.0rc3 alone', () => {
  const of = (build: Build, row: Partial<ServingRow>) =>
    recipeClientShare(buildOf(build), servingRowOf({ engine_version: '1.0.0rc3', ...row }))
  expect(of({ engine: 'tensorrt-llm' }, {})).toBe(0.75)
  expect(of({ engine: 'tensorrt-llm' }, { engine_version: '1.1.0' })).toBe(0)
  expect(of({ engine: 'tensorrt-llm' }, { scenario: 'open-loop' })).toBe(0)
  expect(of({ engine: 'tensorrt-llm', facts: DEEPSEEK_V3 }, {})).toBe(0)
  expect(of({ engine: 'vllm' }, {})).toBe(0)
})

it('deployments wait for nothing of the kind, whatever they are', () => {
  for (const runtime of ['vllm', 'sglang', 'tensorrt-llm'] as const) {
    const query = {
      facts: DEEPSEEK_V3,
      gpu: B200,
      deployment: deploymentOf({ tensor: 8, gpu: B200.id, runtime }),
      workload: Workload.parse({ concurrency: 64, input_tokens: 1024, output_tokens: 1024 }),
    }
    const one = deploymentCaseOf({ ...query, concurrency: 64 })
    expect(one.schedulerWaitSteps ?? 0).toBe(0)
    expect(one.clientShare ?? 0).toBe(0)
    expect(one.speculation).toBeUndefined()
  }
})
