import { Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { deploymentOf, factsOf, gpuOf, LLAMA_8B, prices } from '../testing/fixtures.ts'
import { predictorContract } from '../testing/predictor.contract.ts'
import { createPhysicsPredictor } from './physics-predictor.ts'

predictorContract('physics', () => createPhysicsPredictor({ prices }))

/**
 * Closed-loop measurements on H100-SXM-80GB, from the silicon sample of NVIDIA AIConfigurator (Apache-2.0, commit
 * 095f58a5): [model, precision, engine, TP, input, output, in flight, ms per output token, output tokens/s].
 */
const MEASURED = [
  ['meta-llama/Llama-3.1-8B-Instruct', 'bf16', 'tensorrt-llm', 1, 1024, 256, 8, 7.55, 913],
  ['meta-llama/Llama-3.1-8B-Instruct', 'bf16', 'tensorrt-llm', 1, 4096, 128, 64, 64.3, 932],
  ['meta-llama/Llama-3.1-8B-Instruct', 'bf16', 'tensorrt-llm', 2, 2048, 128, 16, 8.37, 1713],
  ['meta-llama/Llama-3.1-8B-Instruct', 'bf16', 'tensorrt-llm', 4, 4096, 512, 32, 7.45, 4061],
  ['meta-llama/Llama-3.3-70B-Instruct', 'fp8', 'vllm', 2, 1024, 8192, 8, 19.2, 416],
  ['meta-llama/Llama-3.3-70B-Instruct', 'fp8', 'vllm', 2, 1024, 8192, 32, 27.7, 1154],
  ['meta-llama/Llama-3.3-70B-Instruct', 'fp8', 'vllm', 4, 1024, 8192, 64, 23.4, 2731],
  ['Qwen/Qwen3-235B-A22B', 'fp8', 'tensorrt-llm', 8, 1024, 512, 64, 25.6, 2441],
  ['Qwen/Qwen3-235B-A22B', 'fp8', 'tensorrt-llm', 4, 1024, 256, 8, 16.2, 474],
  ['openai/gpt-oss-120b', 'mxfp4', 'vllm', 2, 8192, 1024, 8, 7.44, 1034],
  ['openai/gpt-oss-120b', 'mxfp4', 'vllm', 8, 1024, 8192, 64, 7.08, 9031],
] as const
const TOLERANCE = 0.2

describe('the physics predictor', () => {
  const predictor = createPhysicsPredictor({ prices })

  it('is named and versioned', () => {
    expect(predictor.id).toBe('physics-1')
  })

  it.each(MEASURED)(
    'is within a fifth of the measurement: %s %s on %s, TP %i, %i → %i tokens, %i in flight',
    (...row) => {
      const [model, precision, runtime, tensor, inputs, outputs, concurrency, tpotMs, tokensPerS] = row
      const prediction = predictor.predict({
        facts: { ...factsOf(model), weight_precision: precision },
        gpu: gpuOf('H100-SXM-80GB'),
        deployment: deploymentOf({ tensor, runtime, max_num_batched_tokens: 8192 }),
        workload: Workload.parse({ concurrency, input_tokens: inputs, output_tokens: outputs }),
      })
      expect(Math.abs(prediction.tpot_ms.value / tpotMs - 1)).toBeLessThan(TOLERANCE)
      expect(Math.abs(prediction.output_tokens_per_s.value / tokensPerS - 1)).toBeLessThan(TOLERANCE)
    },
  )

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

  it('answers well within half a millisecond', () => {
    const query = {
      facts: LLAMA_8B,
      gpu: gpuOf('H100-SXM-80GB'),
      deployment: deploymentOf({}),
      workload: Workload.parse({ request_rate_per_s: 2 }),
    }
    const started = performance.now()
    for (let i = 0; i < 2000; i++) predictor.predict(query)
    expect((performance.now() - started) / 2000).toBeLessThan(0.5)
  })
})
