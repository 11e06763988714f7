/** Measurements of one kind and era are predicted by one head: pooling them spoils all (predictor study, section 3). */
import type { GpuSpec } from '@bud/kernel'
import { isLegacy, LEGACY_ENGINES, type ServingCase, type ServingEngine } from './serving-case.ts'

export const HEADS = ['closed-loop', 'static-batch', 'legacy', 'offline', 'open-loop', 'burst'] as const
export type Head = (typeof HEADS)[number]

export function headOf({ scenario, build }: ServingCase): Head {
  if (scenario === 'static-batch') return 'static-batch'
  if (isLegacy(build.engine)) return 'legacy'
  switch (scenario) {
    case 'offline':
    case 'saturation':
      return 'offline'
    case 'open-loop':
    case 'burst':
      return scenario
    default:
      return 'closed-loop'
  }
}

const ENGINES: readonly ServingEngine[] = ['vllm', 'tensorrt-llm', 'sglang', ...LEGACY_ENGINES]
export const ENGINE_COUNT = ENGINES.length
export const engineIndex = (engine: ServingEngine): number => Math.max(ENGINES.indexOf(engine), 0)

/** What closed loops tell apart: before 1.1, TensorRT-LLM launched prompts and experts otherwise. */
export const ERAS = ['vllm', 'tensorrt-llm', 'sglang', 'tensorrt-llm before 1.1', 'other'] as const
export type Era = (typeof ERAS)[number]

export function eraOf(engine: ServingEngine, version: string | null): Era {
  if (engine === 'tensorrt-llm') {
    return version !== null && /^(0\.|1\.0)/.test(version) ? 'tensorrt-llm before 1.1' : 'tensorrt-llm'
  }
  return engine === 'vllm' || engine === 'sglang' ? engine : 'other'
}

/** GPUs whose software reaches another share of the datasheet than NVIDIA's recent ones. */
const VENDOR_GROUPS = ['MI', 'Intel', 'Gaudi', 'Ascend', 'T4', 'V100', 'Samba'] as const
export const VENDOR_COUNT = VENDOR_GROUPS.length + 1
export const vendorIndex = (gpu: GpuSpec): number => VENDOR_GROUPS.findIndex((prefix) => gpu.id.startsWith(prefix)) + 1
