/** The nodes of a simulated cluster from what was asked for: groups of equal nodes, GPU types by id or alias. */
import type { GpuCatalogue } from '@bud/budsim'
import { BudError, invalidInput, type Reason, type SimulatedNode } from '@bud/kernel'

export interface NodeGroup {
  count: number
  gpu_type: string
  gpu_count: number
}

/** Throws invalid-input with every unknown GPU type. Names: the GPU's, then a number, e.g. "h100-sxm-80gb-2". */
export function planNodes(groups: readonly NodeGroup[], gpus: Pick<GpuCatalogue, 'resolve'>): SimulatedNode[] {
  const reasons: Reason[] = []
  const numbers = new Map<string, number>()
  const nodes = groups.flatMap((group, index) => {
    const gpuType = resolveFirst(gpus, group.gpu_type, index, reasons)
    return Array.from({ length: group.count }, () => {
      const number = (numbers.get(gpuType) ?? 0) + 1
      numbers.set(gpuType, number)
      return { name: `${toLabel(gpuType)}-${number}`, gpu_type: gpuType, gpu_count: group.gpu_count }
    })
  })
  if (reasons.length > 0) throw invalidInput(reasons.map((reason) => reason.message).join(' '), reasons)
  return nodes
}

function resolveFirst(gpus: Pick<GpuCatalogue, 'resolve'>, text: string, index: number, reasons: Reason[]): string {
  try {
    const [gpu] = gpus.resolve(text)
    if (gpu) return gpu.id
  } catch (error) {
    if (!(error instanceof BudError)) throw error
    const [reason] = error.reasons
    reasons.push({ code: 'unknown-gpu-type', message: error.message, ...reason, path: `nodes.${index}.gpu_type` })
  }
  return text
}

const toLabel = (gpuType: string): string => gpuType.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
