import { describe, expect, it } from 'vitest'
import { gpuOf, gpus } from '../../testing/fixtures.ts'
import { caseOf } from '../../testing/serving-cases.ts'
import { ENGINE_COUNT, engineIndex, eraOf, HEADS, headOf, VENDOR_COUNT, vendorIndex } from './heads.ts'
import { LEGACY_ENGINES, type Scenario, type ServingEngine } from './serving-case.ts'

describe('the head that predicts a case', () => {
  it.each<[Scenario, ServingEngine, string]>([
    ['closed-loop', 'vllm', 'closed-loop'],
    ['disaggregated', 'sglang', 'closed-loop'],
    ['offline', 'vllm', 'offline'],
    ['saturation', 'tensorrt-llm', 'offline'],
    ['open-loop', 'vllm', 'open-loop'],
    ['burst', 'vllm', 'burst'],
    ['static-batch', 'vllm', 'static-batch'],
    ['static-batch', 'deepspeed', 'static-batch'],
    ['closed-loop', 'tgis', 'legacy'],
    ['open-loop', 'llama.cpp', 'legacy'],
  ])('of %s by %s is %s', (scenario, engine, head) => {
    expect(headOf(caseOf({ engine }, { scenario }))).toBe(head)
    expect(HEADS).toContain(head)
  })
})

describe('indices of coefficients', () => {
  it('tell every engine apart', () => {
    const engines: ServingEngine[] = ['vllm', 'tensorrt-llm', 'sglang', ...LEGACY_ENGINES]
    const indices = engines.map(engineIndex)
    expect(new Set(indices).size).toBe(ENGINE_COUNT)
    expect(Math.max(...indices)).toBe(ENGINE_COUNT - 1)
  })

  it('hold every GPU of the catalogue; NVIDIA’s recent ones are the unit', () => {
    for (const gpu of gpus) expect(vendorIndex(gpu)).toBeLessThan(VENDOR_COUNT)
    for (const id of ['H100-SXM-80GB', 'A100-SXM-80GB', 'L40S-48GB', 'GB200', 'RTX-4090-24GB']) {
      expect(vendorIndex(gpuOf(id)), id).toBe(0)
    }
    const others = ['MI300X-192GB', 'Intel-B60-24GB', 'Gaudi2-96GB', 'Ascend-910B-64GB', 'T4-16GB', 'V100-16GB']
    expect(new Set(others.map((id) => vendorIndex(gpuOf(id)))).size).toBe(others.length)
    for (const id of others) expect(vendorIndex(gpuOf(id)), id).toBeGreaterThan(0)
  })
})

it.each([
  ['tensorrt-llm', '0.20.0', 'tensorrt-llm before 1.1'],
  ['tensorrt-llm', '1.0.0rc3', 'tensorrt-llm before 1.1'],
  ['tensorrt-llm', '1.1.0', 'tensorrt-llm'],
  ['tensorrt-llm', '1.10.0', 'tensorrt-llm'],
  ['tensorrt-llm', null, 'tensorrt-llm'],
  ['vllm', '0.8.5', 'vllm'],
  ['sglang', null, 'sglang'],
  ['tgis', '1.0', 'other'],
] as const)('%s %s is of the era "%s"', (engine, version, era) => {
  expect(eraOf(engine, version)).toBe(era)
})
