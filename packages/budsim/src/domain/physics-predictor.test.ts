import { Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { deploymentOf, factsOf, gpuOf, LLAMA_8B, prices } from '../testing/fixtures.ts'
import { predictorContract } from '../testing/predictor.contract.ts'
import { createPhysicsPredictor } from './physics-predictor.ts'

predictorContract('physics', () => createPhysicsPredictor({ prices }))

/** Rows of the silicon sample (NVIDIA AIConfigurator, Apache-2.0): mean time per output token, measured. */
const MEASURED = [
  { model: 'meta-llama/Llama-3.1-8B-Instruct', precision: 'bf16', gpu: 'H100-SXM-80GB', runtime: 'tensorrt-llm' },
  { model: 'meta-llama/Llama-3.3-70B-Instruct', precision: 'fp8', gpu: 'H100-SXM-80GB', runtime: 'tensorrt-llm' },
] as const

describe('the physics predictor', () => {
  const predictor = createPhysicsPredictor({ prices })

  it('is named and versioned', () => {
    expect(predictor.id).toBe('physics-1')
  })

  it.each(MEASURED)(
    'decodes one stream of $model no faster than its weights can be read, and within 1.5 times that',
    (row) => {
      const facts = { ...factsOf(row.model), weight_precision: row.precision }
      const gpu = gpuOf(row.gpu)
      const tensor = 2
      const { tpot_ms: tpot } = predictor.predict({
        facts,
        gpu,
        deployment: deploymentOf({ tensor, runtime: row.runtime }),
        workload: Workload.parse({ concurrency: 1, input_tokens: 128, output_tokens: 128 }),
      })
      const bytes = facts.parameter_count * (row.precision === 'fp8' ? 1 : 2)
      const floorMs = (bytes / tensor / (gpu.memory_bandwidth_gb_s * 1e9)) * 1000
      expect(tpot.value).toBeGreaterThan(floorMs)
      expect(tpot.value).toBeLessThan(floorMs * 2.2)
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
