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

describe('exchanges with experts', () => {
  it('meet measured dispatch and combine', () => {
    within(0.4, on('H100-SXM-80GB').expertExchange({ hidden: 7168, perToken: 8, gpus: 8 })(128), 104)
    within(0.2, on('H100-SXM-80GB').expertExchange({ hidden: 7168, perToken: 8, gpus: 32 })(64), 235)
    within(0.4, on('GB200').expertExchange({ hidden: 4096, perToken: 8, gpus: 8 })(256), 60)
  })

  it('gather and scatter on hosts without scale-up links: together about what an all-reduce of the tokens takes', () => {
    const l40s = on('L40S-48GB')
    const bytes = 64 * 4 * 4096 * 2
    within(0.5, l40s.expertExchange({ hidden: 4096, perToken: 8, gpus: 4 })(64), l40s.allReduce(4)(bytes))
  })

  it.each(gpus.map((gpu) => gpu.id))('take a positive, finite time that rises with the tokens on %s', (id) => {
    for (const count of [8, 16, 72]) {
      const us = [1, 3, 17, 200, 3000, 50000].map(on(id).expertExchange({ hidden: 4096, perToken: 8, gpus: count }))
      for (const one of us) expect(one > 0 && Number.isFinite(one)).toBe(true)
      for (const [i, one] of us.entries()) expect(one).toBeGreaterThanOrEqual(0.9 * (us[i - 1] ?? 0))
    }
  })
})
