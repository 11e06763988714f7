import { Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { loadTrainedModel } from '../adapters/trained-model.ts'
import { estimateMemory } from '../domain/memory-fit.ts'
import { DEEPSEEK_V3, deploymentOf, factsOf, gpuOf, kernels, LLAMA_8B, LLAMA_70B, prices } from '../testing/fixtures.ts'
import { predictorContract } from '../testing/predictor.contract.ts'
import { untrainedModel } from '../testing/untrained-model.ts'
import { createCasePredictor } from './case-predictor.ts'
import { replicaCaseOf } from './deployment-case.ts'
import { createTrainedPredictor } from './trained-predictor.ts'

const model = loadTrainedModel()
const predictor = createTrainedPredictor({ model, kernels, prices })
predictorContract('physics without training', () =>
  createTrainedPredictor({ model: untrainedModel(), kernels, prices }),
)
predictorContract('the committed model', () => createTrainedPredictor({ model, kernels, prices }))

/**
 * Closed-loop measurements on H100-SXM-80GB, from the silicon sample of NVIDIA AIConfigurator (Apache-2.0, commit
 * 095f58a5): [model, precision, engine, TP, input, output, in flight, ms per output token, output tokens/s].
 */
const MEASURED = [
  ['meta-llama/Llama-3.1-8B-Instruct', 'bf16', 'tensorrt-llm', 1, 1024, 256, 8, 7.55, 913],
  ['meta-llama/Llama-3.1-8B-Instruct', 'bf16', 'tensorrt-llm', 1, 4096, 128, 64, 64.3, 932],
  ['meta-llama/Llama-3.1-8B-Instruct', 'bf16', 'tensorrt-llm', 4, 4096, 512, 32, 7.45, 4061],
  ['meta-llama/Llama-3.3-70B-Instruct', 'fp8', 'vllm', 2, 1024, 8192, 32, 27.7, 1154],
  ['meta-llama/Llama-3.3-70B-Instruct', 'fp8', 'vllm', 4, 1024, 8192, 64, 23.4, 2731],
  ['Qwen/Qwen3-235B-A22B', 'fp8', 'tensorrt-llm', 8, 1024, 512, 64, 25.6, 2441],
  ['openai/gpt-oss-120b', 'mxfp4', 'vllm', 2, 8192, 1024, 8, 7.44, 1034],
  ['openai/gpt-oss-120b', 'mxfp4', 'vllm', 8, 1024, 8192, 64, 7.08, 9031],
] as const

describe('the trained predictor', () => {
  it.each([...MEASURED])(
    'is within a fifth of the measurement: %s %s on %s, TP %i, %i → %i tokens, %i in flight',
    (...row) => {
      const [name, precision, runtime, tensor, inputs, outputs, concurrency, tpotMs, tokensPerS] = row
      const prediction = predictor.predict({
        facts: { ...factsOf(name), weight_precision: precision },
        gpu: gpuOf('H100-SXM-80GB'),
        deployment: deploymentOf({ tensor, runtime, max_num_batched_tokens: 8192 }),
        workload: Workload.parse({ concurrency, input_tokens: inputs, output_tokens: outputs }),
      })
      expect(Math.abs(prediction.tpot_ms.value / tpotMs - 1)).toBeLessThan(0.2)
      expect(Math.abs(prediction.output_tokens_per_s.value / tokensPerS - 1)).toBeLessThan(0.2)
    },
  )

  it('says of a closed loop what the predictor of cases says, at any load the replica takes', () => {
    const cases = createCasePredictor(model, kernels)
    for (const [facts, tensor, gpuId] of [
      [LLAMA_70B, 4, 'A100-SXM-80GB'],
      [DEEPSEEK_V3, 8, 'H200-SXM-141GB'],
    ] as const) {
      for (const concurrency of [1, 4, 5, 11, 23, 48, 64]) {
        const deployment = deploymentOf({ tensor, gpu: gpuId })
        const query = { facts, deployment, gpu: gpuOf(gpuId), workload: Workload.parse({ concurrency }) }
        const { figures } = cases.predict({
          ...replicaCaseOf({ ...query, memory: estimateMemory(query) }),
          maxNumSeqs: null,
          concurrency,
        })
        const prediction = predictor.predict(query)
        const exact = Number.isInteger(Math.log2(concurrency))
        const within = exact ? 0.02 : 0.06
        expect(Math.abs(prediction.tpot_ms.value / figures.tpot - 1)).toBeLessThan(within)
        expect(Math.abs(prediction.ttft_ms.value / figures.ttft - 1)).toBeLessThan(within)
      }
    }
  })

  it('gains little from tensor parallelism over PCIe and much over NVLink', () => {
    const speedUp = (gpuId: string) => {
      const at = (tensor: number) =>
        predictor.predict({
          facts: LLAMA_8B,
          gpu: gpuOf(gpuId),
          deployment: deploymentOf({ tensor, gpu: gpuId }),
          workload: Workload.parse({ concurrency: 64, input_tokens: 4096 }),
        }).e2e_ms.value
      return at(1) / at(4)
    }
    expect(speedUp('H100-SXM-80GB')).toBeGreaterThan(speedUp('L40S-48GB') * 1.3)
  })

  it('does not take what it remembers of a configuration for another model, GPU or request', () => {
    const deployment = deploymentOf({ tensor: 4 })
    const query = {
      facts: LLAMA_8B,
      gpu: gpuOf('H100-SXM-80GB'),
      deployment,
      workload: Workload.parse({ concurrency: 8 }),
    }
    const fresh = (changed: Partial<typeof query>) =>
      createTrainedPredictor({ model, kernels, prices }).predict({ ...query, ...changed })
    predictor.predict(query)
    for (const changed of [
      { facts: LLAMA_70B },
      { gpu: gpuOf('B200-SXM-180GB') },
      { workload: Workload.parse({ concurrency: 8, output_tokens: 2000 }) },
      { workload: Workload.parse({ concurrency: 8, prefix_cache_share: 0.9 }) },
      { deployment: { ...deployment, runtime: 'sglang' as const } },
    ]) {
      expect(predictor.predict({ ...query, ...changed })).toEqual(fresh(changed))
    }
  })

  it('waits longer for bursts and for answers of many lengths', () => {
    const at = (stated: Partial<Workload>) =>
      predictor.predict({
        facts: LLAMA_8B,
        gpu: gpuOf('H100-SXM-80GB'),
        deployment: deploymentOf({ max_num_seqs: 8 }),
        workload: Workload.parse({ request_rate_per_s: 3.5, ...stated }),
      })
    const calm = at({})
    expect(calm.saturated).toBe(false)
    expect(at({ arrival_cv: 4 }).ttft_ms.value).toBeGreaterThan(calm.ttft_ms.value * 1.1)
    const varied = at({ output_tokens_cv: 2 })
    expect(varied.ttft_ms.value).toBeGreaterThan(calm.ttft_ms.value)
    expect(varied.e2e_ms_p99.value).toBeGreaterThan(calm.e2e_ms_p99.value * 2)
  })
})
