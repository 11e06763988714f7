import { describe, expect, it } from 'vitest'
import { loadReferenceData } from '../../adapters/reference-data.ts'
import { KernelData } from './kernel-data.ts'
import type { GpuKernels } from './kernel-model.ts'

const { gpus, kernels } = loadReferenceData()
const specOf = (id: string) => {
  const gpu = gpus.find((candidate) => candidate.id === id)
  if (gpu === undefined) throw new Error(`no ${id}`)
  return gpu
}
const on = (id: string): GpuKernels => kernels.forGpu(specOf(id))
const within = (share: number, predicted: number, measured: number) => {
  expect(predicted / measured).toBeGreaterThan(1 - share)
  expect(predicted / measured).toBeLessThan(1 + share)
}

describe('kernel times of measured GPUs', () => {
  it.each([
    ['H100-SXM-80GB', 'bf16', 1, 4096, 4096, 15.05],
    ['H100-SXM-80GB', 'bf16', 4096, 4096, 4096, 166],
    ['H100-SXM-80GB', 'fp8', 64, 7168, 2048, 10.61],
    ['B200-SXM-180GB', 'nvfp4', 4096, 4096, 4096, 47.67],
    ['L40S-48GB', 'bf16', 4096, 1024, 8192, 270.3],
  ] as const)('meet the measured product on %s in %s, m %d, n %d, k %d', (id, format, m, n, k, us) => {
    within(0.01, on(id).gemm(format)(m, n, k), us)
  })

  it.each([
    [4, 16384, 2.91],
    [8, 1048576, 13.47],
    [8, 67108864, 321.5],
  ])('meet the measured all-reduce over %d GPUs of %d bytes', (count, bytes, us) => {
    within(0.01, on('H100-SXM-80GB').allReduce(count)(bytes), us)
  })

  it('meet measured attention within the error of the fit', () => {
    within(0.3, on('B200-SXM-180GB').decodeAttention('bf16', 32, 8, 128)(64, 4096), 158.4)
    within(0.3, on('B200-SXM-180GB').decodeAttention('bf16', 8, 1, 128)(64, 16384), 82.06)
    within(0.3, on('H200-SXM-141GB').latentPrefill(128)(4, 4096, 0), 5436)
  })

  it('meet measured experts within the error of the fit', () => {
    const shape = { hidden: 2048, intermediate: 768, experts: 128, perToken: 8, tensorParallel: 1, expertParallel: 1 }
    const bf16 = on('H100-SXM-80GB').experts('bf16', shape, 'vllm')
    within(0.3, bf16(64), 424)
    within(0.3, bf16(4096), 780.7)
    within(0.3, on('H100-SXM-80GB').experts('fp8-block', shape, 'vllm')(64), 237.3)
  })
})

it('SGLang keeps the expert kernels it chose; vLLM and TensorRT-LLM run the fastest of all', () => {
  const shape = { hidden: 7168, intermediate: 2048, experts: 256, perToken: 8, tensorParallel: 8, expertParallel: 1 }
  const timesOf = (engine: string) => [16, 256, 4096].map(on('B200-SXM-180GB').experts('bf16', shape, engine))
  expect(timesOf('vllm')).toEqual(timesOf('tensorrt-llm'))
  for (const [i, us] of timesOf('vllm').entries()) expect(us).toBeLessThan(timesOf('sglang')[i] ?? 0)
})

describe('kernel times of any GPU', () => {
  const shape = { hidden: 4096, intermediate: 1536, experts: 128, perToken: 8, tensorParallel: 1, expertParallel: 4 }
  const sizes = [1, 3, 17, 200, 3000, 50000]
  const bound = (gpu: GpuKernels): ((size: number) => number)[] => [
    ...(['bf16', 'fp8', 'fp8-block', 'nvfp4', 'int8', 'int4'] as const).flatMap((format) => [
      (size: number) => gpu.gemm(format)(size, 6144, 4096),
      gpu.experts(format, shape, 'vllm'),
    ]),
    gpu.experts('mxfp4-w4a16', shape, 'vllm'),
    gpu.experts('mxfp4-w4a8', shape, 'sglang'),
    ...(['bf16', 'fp8'] as const).flatMap((kv) => [
      (size: number) => gpu.decodeAttention(kv, 8, 1, 128)(size, 1000),
      (size: number) => gpu.decodeAttention(kv, 8, 1, 128)(4, size),
      (size: number) => gpu.latentDecode(kv, 16)(size, 1000),
    ]),
    (size) => gpu.prefillAttention(8, 1, 128)(2, 100, size, Number.POSITIVE_INFINITY),
    (size) => gpu.prefillAttention(8, 1, 128)(2, 4096, 0, size),
    (size) => gpu.latentPrefill(16)(size, 1000, 500),
    (size) => gpu.allReduce(2)(size * 1000),
    (size) => gpu.allReduce(8)(size * 1000),
    (size) => gpu.allReduce(16)(size * 1000),
  ]

  it.each(gpus.map((gpu) => gpu.id))('are positive, finite and hardly ever fall with the size on %s', (id) => {
    for (const time of bound(on(id))) {
      const times = sizes.map(time)
      for (const us of times) expect(us > 0 && Number.isFinite(us)).toBe(true)
      // Measured grids have dents where a kernel changes; none is deep.
      for (const [i, us] of times.entries()) expect(us).toBeGreaterThan(0.75 * (times[i - 1] ?? 0))
    }
  })

  it('scale with the datasheet of a GPU nobody measured', () => {
    const h100 = specOf('H100-SXM-80GB')
    const faster = { ...h100, id: 'H900', memory_bandwidth_gb_s: 2 * h100.memory_bandwidth_gb_s, bf16_tflops: 2 * 989 }
    const [known, unknown] = [on('H100-SXM-80GB').gemm('bf16'), kernels.forGpu(faster).gemm('bf16')]
    within(0.01, unknown(8192, 8192, 8192), known(8192, 8192, 8192) / 2)
    within(0.35, unknown(1, 128, 128), known(1, 128, 128))
  })

  it('need no all-reduce on one GPU, and more time across hosts than inside one', () => {
    expect(on('H100-SXM-80GB').allReduce(1)(1e6)).toBe(0)
    expect(on('H100-SXM-80GB').allReduce(16)(1e7)).toBeGreaterThan(1.3 * on('H100-SXM-80GB').allReduce(8)(1e7))
    expect(on('GB200').allReduce(16)(1e7)).toBeLessThan(1.5 * on('GB200').allReduce(4)(1e7))
  })

  it('cost a windowed prefill no more than the tokens in the window', () => {
    const attend = on('H100-SXM-80GB').prefillAttention(8, 1, 128)
    expect(attend(1, 4096, 0, 4096)).toBe(attend(1, 4096, 0, Number.POSITIVE_INFINITY))
    expect(attend(1, 32768, 0, 1024)).toBeLessThan(0.2 * attend(1, 32768, 0, Number.POSITIVE_INFINITY))
  })
})

describe('kernel data', () => {
  it('says which grid is malformed and how', () => {
    const grid = { axes: { m: [1, 2], n: [128, 256], k: [128, 256] }, microseconds: [1, 2, 3] }
    const parsed = KernelData.shape.gemm.safeParse({ 'H100-SXM-80GB': { bf16: grid } })
    expect(parsed.error?.issues[0]?.path).toEqual(['H100-SXM-80GB', 'bf16'])
    expect(parsed.error?.message).toContain('another number of times')
  })

  it('refuses axes that do not ascend and times that are not positive', () => {
    const curve = (bytes: number[], microseconds: number[]) =>
      KernelData.shape.collectives.safeParse({ H: { all_reduce: { 2: { bytes, microseconds } } } }).success
    expect(curve([256, 512], [3, 4])).toBe(true)
    expect(curve([512, 256], [3, 4])).toBe(false)
    expect(curve([256, 512], [3, -4])).toBe(false)
    expect(curve([256, 512], [3])).toBe(false)
  })
})
