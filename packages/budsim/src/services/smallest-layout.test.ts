import { expect, test } from 'vitest'
import { DEEPSEEK_V3, deploymentOf, gpuOf, LLAMA_8B, LLAMA_70B } from '../testing/fixtures.ts'
import { smallestLayout } from './smallest-layout.ts'

const layoutOf = (facts: typeof LLAMA_8B, gpu: string, config: Parameters<typeof deploymentOf>[0] = {}) => {
  const found = smallestLayout({ facts, gpu: gpuOf(gpu), deployment: deploymentOf({ gpu, ...config }) })
  if (!found) return undefined
  const { config: layout, resources } = found.deployment
  return [layout.tensor_parallel_size, layout.pipeline_parallel_size, resources.gpu_count]
}

test('the fewest GPUs that fit are offered, tensor before pipeline parallelism', () => {
  expect(layoutOf(LLAMA_8B, 'H100-SXM-80GB')).toEqual([1, 1, 1])
  expect(layoutOf(LLAMA_70B, 'H100-SXM-80GB')).toEqual([4, 1, 4])
  expect(layoutOf(LLAMA_70B, 'H100-SXM-80GB', { gpu_memory_utilization: 0.95 })).toEqual([2, 1, 2])
  expect(layoutOf(LLAMA_70B, 'L4-24GB')).toEqual([8, 1, 8])
  expect(layoutOf(DEEPSEEK_V3, 'H200-SXM-141GB')).toEqual([8, 1, 8])
})

test('nothing is offered where no layout can run', () => {
  expect(layoutOf(LLAMA_8B, 'MI300X-192GB', { runtime: 'tensorrt-llm' })).toBeUndefined()
  expect(layoutOf(DEEPSEEK_V3, 'V100-16GB', { runtime: 'sglang' })).toBeUndefined()
})
