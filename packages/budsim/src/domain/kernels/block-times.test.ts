import { describe, expect, it } from 'vitest'
import { loadReferenceData } from '../../adapters/reference-data.ts'
import type { GpuKernels } from './kernel-model.ts'

const { gpus, kernels } = loadReferenceData()
const on = (id: string): GpuKernels => {
  const gpu = gpus.find((candidate) => candidate.id === id)
  if (gpu === undefined) throw new Error(`no ${id}`)
  return kernels.forGpu(gpu)
}
const within = (share: number, predicted: number, measured: number) => {
  expect(predicted / measured).toBeGreaterThan(1 - share)
  expect(predicted / measured).toBeLessThan(1 + share)
}

describe('delta-net layers', () => {
  it('meet measured convolution and recurrence, decode and prefill', () => {
    within(0.15, on('H100-SXM-80GB').linearDecode(12, 'vllm')(64), 38.7 + 2.5)
    within(0.15, on('H100-SXM-80GB').linearDecode(12, 'vllm')(1024), 540.8 + 14.9)
    within(0.15, on('H100-SXM-80GB').linearPrefill(12, 'vllm')(1, 8192), 407.5 + 41)
    within(0.15, on('H100-SXM-80GB').linearPrefill(12, 'sglang')(16, 1024), 526.1 + 77.7)
  })
})

describe('sparse attention blocks', () => {
  it('meet measured blocks of the engine asked for', () => {
    within(0.1, on('H200-SXM-141GB').sparseDecode(16, 'sglang')(8, 1024), 82)
    within(0.1, on('H200-SXM-141GB').sparseDecode(16, 'vllm')(64, 32768), 334)
    within(0.1, on('B200-SXM-180GB').sparseDecode(128, 'tensorrt-llm')(64, 16384), 216)
  })

  it('meet measured prompts, with and without cached tokens', () => {
    within(0.25, on('H200-SXM-141GB').sparsePrefill(16)(1, 8192, 0), 5546)
    within(0.25, on('H200-SXM-141GB').sparsePrefill(16)(1, 8192, 65536), 11570)
    within(0.25, on('H200-SXM-141GB').sparsePrefill(128)(1, 4096, 16384), 7349)
  })
})

describe('exchanges with experts', () => {
  it('meet measured dispatch and combine', () => {
    within(0.4, on('H100-SXM-80GB').expertExchange({ hidden: 7168, perToken: 8, gpus: 8 })(128), 104)
    within(0.2, on('H100-SXM-80GB').expertExchange({ hidden: 7168, perToken: 8, gpus: 32 })(64), 235)
    within(0.4, on('GB200').expertExchange({ hidden: 4096, perToken: 8, gpus: 8 })(256), 60)
  })

  it('gather and scatter on hosts without scale-up links', () => {
    const l40s = on('L40S-48GB')
    const bytes = 64 * 4 * 4096 * 2
    expect(l40s.expertExchange({ hidden: 4096, perToken: 8, gpus: 4 })(64)).toBeCloseTo(
      l40s.allGather(4)(bytes) + l40s.reduceScatter(4)(bytes),
    )
  })
})

it.each(gpus.map((gpu) => gpu.id))('blocks and collectives are positive, finite and rise with the size on %s', (id) => {
  const gpu = on(id)
  const times: ((size: number) => number)[] = [
    gpu.linearDecode(16),
    (size) => gpu.linearPrefill(16, 'vllm')(1, size),
    (size) => gpu.sparseDecode(16, 'sglang')(8, size),
    (size) => gpu.sparseDecode(256, 'vllm')(size, 2000),
    (size) => gpu.sparsePrefill(16)(1, size, 0),
    (size) => gpu.sparsePrefill(16)(2, 256, size),
    (size) => gpu.allGather(8)(size * 1000),
    (size) => gpu.reduceScatter(16)(size * 1000),
    (size) => gpu.expertExchange({ hidden: 4096, perToken: 8, gpus: 8 })(size),
    (size) => gpu.expertExchange({ hidden: 4096, perToken: 8, gpus: 72 })(size),
  ]
  for (const time of times) {
    const us = [1, 3, 17, 200, 3000, 50000].map(time)
    for (const one of us) expect(one > 0 && Number.isFinite(one)).toBe(true)
    for (const [i, one] of us.entries()) expect(one).toBeGreaterThanOrEqual(0.9 * (us[i - 1] ?? 0))
  }
})
