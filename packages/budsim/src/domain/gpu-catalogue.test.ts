import { BudError } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { gpuOf, gpus, prices } from '../testing/fixtures.ts'
import { createGpuCatalogue } from './gpu-catalogue.ts'

const catalogue = createGpuCatalogue(gpus)
const idsOf = (text: string) => catalogue.resolve(text).map((gpu) => gpu.id)

describe('the GPU catalogue', () => {
  it('has 30 accelerators and a price for those the book lists alone', () => {
    expect(catalogue.list()).toHaveLength(30)
    for (const id of Object.keys(prices.gpus)) expect(catalogue.find(id)).toBeDefined()
  })

  it.each([
    ['H100-SXM-80GB', ['H100-SXM-80GB']],
    ['h100-sxm-80gb', ['H100-SXM-80GB']],
    ['SambaNova SN40L', ['SambaNova SN40L']],
    ['nvidia-a100-80gb', ['A100-SXM-80GB']],
    ['NVIDIA-A100-SXM4-80GB', ['A100-SXM-80GB']],
    ['NVIDIA-A100-SXM4-40GB', ['A100-SXM-40GB']],
    ['NVIDIA-A10', ['A10-24GB']],
    ['NVIDIA-A10G', ['A10-24GB']],
    ['NVIDIA-L4', ['L4-24GB']],
    ['NVIDIA-L40S', ['L40S-48GB']],
    ['NVIDIA-H100-80GB-HBM3', ['H100-SXM-80GB']],
    ['NVIDIA-H100-80GB-HBM3-SHARED', ['H100-SXM-80GB']],
    ['NVIDIA-H100-PCIe', ['H100-PCIe-80GB']],
    ['NVIDIA-H100-NVL', ['H100-NVL-94GB']],
    ['NVIDIA-H200', ['H200-SXM-141GB', 'H200-NVL-141GB']],
    ['NVIDIA-B200', ['B200-SXM-180GB']],
    ['NVIDIA-B300-SXM6-AC', ['B300-SXM-288GB']],
    ['NVIDIA-GB200', ['GB200']],
    ['NVIDIA-GH200-480GB', ['GH200-96GB']],
    ['Tesla-T4', ['T4-16GB']],
    ['Tesla-V100-SXM2-16GB', ['V100-16GB']],
    ['NVIDIA-GeForce-RTX-4090', ['RTX-4090-24GB']],
    ['AMD Instinct MI300X', ['MI300X-192GB']],
    ['nvidia_h100_80gb', ['H100-SXM-80GB', 'H100-PCIe-80GB']],
  ])('knows %s', (text, ids) => {
    expect(idsOf(text)).toEqual(ids)
  })

  it('lets the guide’s nvidia-a100-80gb mean SXM and PCIe where the catalogue has both', () => {
    const pcie = { ...gpuOf('A100-SXM-80GB'), id: 'A100-PCIe-80GB' }
    expect(
      createGpuCatalogue([...gpus, pcie])
        .resolve('nvidia-a100-80gb')
        .map((gpu) => gpu.id),
    ).toEqual(['A100-SXM-80GB', 'A100-PCIe-80GB'])
  })

  it('never takes a name for one that it merely starts with', () => {
    expect(() => idsOf('NVIDIA-L400')).toThrow(BudError)
    expect(() => idsOf('nvidia-a1000')).toThrow(BudError)
  })

  it('never takes a name for an accelerator with another memory size', () => {
    expect(() => idsOf('nvidia-h100-800gb')).toThrow(BudError)
    expect(() => idsOf('Tesla-V100-SXM2-32GB')).toThrow(BudError)
  })

  it('suggests close names and lists all in the error', () => {
    expect(() => catalogue.resolve('nvidia-h1000-80gb')).toThrow(/No GPU type "nvidia-h1000-80gb".*Did you mean H100-/)
    try {
      catalogue.resolve('abacus')
    } catch (error) {
      expect(error).toMatchObject({
        code: 'invalid-input',
        reasons: [{ code: 'unknown-gpu-type', path: 'deployment.resources.gpu_type' }],
      })
      expect((error as BudError).message).not.toContain('Did you mean')
    }
  })
})
