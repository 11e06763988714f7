/** Which accelerator is meant: catalogue ids, the names people and cloud labels use, and what comes close. */
import { BudError, type GpuSpec } from '@bud/kernel'
import { createNearestNames, didYouMean, quoted } from './nearest-names.ts'

export interface GpuCatalogue {
  list(): GpuSpec[]
  /** By exact catalogue id. */
  find(id: string): GpuSpec | undefined
  /**
   * Every accelerator a text may mean, best first: ids, product labels of NVIDIA's GPU feature discovery (with
   * their -SHARED and -MIG suffixes) and the short names of deployment documents, in any case.
   * Throws invalid-input, with the closest names, when there is none.
   */
  resolve(text: string): GpuSpec[]
}

/** Normalised prefix of a name → catalogue ids, longest prefix first. Product labels as the driver reports them. */
const ALIASES: readonly (readonly [prefix: string, ids: readonly string[]])[] = [
  ['h100-80gb-hbm3', ['H100-SXM-80GB']],
  ['h100-sxm5', ['H100-SXM-80GB']],
  ['h100-sxm', ['H100-SXM-80GB']],
  ['h100-pcie', ['H100-PCIe-80GB']],
  ['h100-nvl', ['H100-NVL-94GB']],
  ['h100-94gb', ['H100-NVL-94GB']],
  ['h100-80gb', ['H100-SXM-80GB', 'H100-PCIe-80GB']],
  ['h100', ['H100-SXM-80GB', 'H100-PCIe-80GB', 'H100-NVL-94GB']],
  ['h200-nvl', ['H200-NVL-141GB']],
  ['h200-sxm', ['H200-SXM-141GB']],
  ['h200', ['H200-SXM-141GB', 'H200-NVL-141GB']],
  ['gh200', ['GH200-96GB']],
  ['gb200', ['GB200']],
  ['gb300', ['GB300']],
  ['b200', ['B200-SXM-180GB']],
  ['b300', ['B300-SXM-288GB']],
  ['a100-sxm4-40gb', ['A100-SXM-40GB']],
  ['a100-sxm4-80gb', ['A100-SXM-80GB']],
  ['a100-sxm-40gb', ['A100-SXM-40GB']],
  ['a100-sxm-80gb', ['A100-SXM-80GB']],
  ['a100-40gb', ['A100-SXM-40GB', 'A100-PCIe-40GB']],
  ['a100-80gb-pcie', ['A100-PCIe-80GB']],
  ['a100-pcie-80gb', ['A100-PCIe-80GB']],
  ['a100-pcie-40gb', ['A100-PCIe-40GB']],
  ['a100-80gb', ['A100-SXM-80GB', 'A100-PCIe-80GB']],
  ['a100', ['A100-SXM-80GB', 'A100-SXM-40GB', 'A100-PCIe-80GB', 'A100-PCIe-40GB']],
  ['a10g', ['A10-24GB']],
  ['a10', ['A10-24GB']],
  ['a40', ['A40-48GB']],
  ['l40s', ['L40S-48GB']],
  ['l40', ['L40-48GB']],
  ['l4', ['L4-24GB']],
  ['t4', ['T4-16GB']],
  ['v100', ['V100-16GB']],
  ['rtx-pro-6000', ['RTX-PRO-6000-96GB']],
  ['rtx-4090', ['RTX-4090-24GB']],
  ['mi300x', ['MI300X-192GB']],
  ['mi325x', ['MI325X-256GB']],
  ['mi355x', ['MI355X-288GB']],
  ['mi250', ['MI250-128GB']],
  ['max-1550', ['Intel-Max1550-128GB']],
  ['max1550', ['Intel-Max1550-128GB']],
  ['gaudi2', ['Gaudi2-96GB']],
  ['gaudi-2', ['Gaudi2-96GB']],
  ['910b', ['Ascend-910B-64GB']],
  ['b60', ['Intel-B60-24GB']],
  ['sn40l', ['SambaNova SN40L']],
]

const VENDOR_WORDS = /^(nvidia|tesla|geforce|amd|instinct|intel|data-center-gpu|arc-pro|huawei|ascend|habana|hl)-/
const NODE_SUFFIXES = /-(shared|mig-[a-z0-9.-]+)$/

export function createGpuCatalogue(gpus: readonly GpuSpec[]): GpuCatalogue {
  const byId = new Map(gpus.map((gpu) => [gpu.id, gpu]))
  const nearest = createNearestNames(byId.keys(), { normalise })
  const byNormalised = new Map(gpus.map((gpu) => [normalise(gpu.id), gpu]))
  return {
    list: () => [...gpus],
    find: (id) => byId.get(id),
    resolve(text) {
      const name = normalise(text)
      const exact = byNormalised.get(name)
      if (exact) return [exact]
      const found = aliasTargets(name).flatMap((id) => byId.get(id) ?? [])
      if (found.length > 0) return found
      throw unknownGpu(text, name, [...byId.keys()], nearest)
    },
  }
}

function normalise(text: string): string {
  let name = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
    .replace(NODE_SUFFIXES, '')
  while (VENDOR_WORDS.test(name)) name = name.replace(VENDOR_WORDS, '')
  return name
}

/**
 * The longest alias that the name starts with, ending where a word of the name ends. A memory size after it must be
 * the accelerator's (GH200's label states its CPU's).
 */
function aliasTargets(name: string): readonly string[] {
  let best: readonly string[] = []
  let bestLength = 0
  for (const [prefix, ids] of ALIASES) {
    const ends = name.length === prefix.length || name[prefix.length] === '-'
    if (prefix.length > bestLength && ends && name.startsWith(prefix)) {
      best = ids
      bestLength = prefix.length
    }
  }
  const size = name === 'gh200-480gb' ? undefined : /-(\d+gb)(-|$)/.exec(name.slice(bestLength))?.[1]
  return size ? best.filter((id) => normalise(id).includes(size)) : best
}

function unknownGpu(text: string, name: string, ids: readonly string[], nearest: (name: string) => string[]): BudError {
  const message = `No GPU type ${quoted(text)} in the catalogue.${didYouMean(nearest(name))}`
  return new BudError('invalid-input', message, {
    reasons: [
      {
        code: 'unknown-gpu-type',
        message,
        path: 'deployment.resources.gpu_type',
        next_step: `Use one of: ${ids.join(', ')}.`,
      },
    ],
  })
}
