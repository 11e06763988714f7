/** Rows that no GPU memory holds, with the bytes. */
import type { GpuSpec, ModelFacts, Reason } from '@bud/kernel'
import { sequenceCacheBytes, toModelShape } from '../model-shape.ts'
import type { ReplicaFormats, ReplicaLayout } from '../physics/serving-case.ts'

const GB = 1e9

interface MemoryQuestion {
  facts: ModelFacts
  gpu: GpuSpec
  layout: ReplicaLayout
  formats: ReplicaFormats
  /** Bytes on the fullest GPU. */
  weights: number
  /** Of the longest moment of one request. */
  tokens: number
}

/** Why not even one request has room: no engine's settings can change it. */
export function memoryReason({ facts, gpu, layout, formats, weights, tokens }: MemoryQuestion): Reason | null {
  const memory = gpu.memory_gb * GB
  const at = `at TP ${layout.tensorParallel} × PP ${layout.pipelineParallel}`
  if (weights > memory) {
    return {
      code: 'gpu-memory-exceeded',
      message: `Weights need ${gb(weights)} per GPU ${at}; ${gpu.id} has ${gb(memory)}.`,
      path: 'tp',
      next_step: 'Spread over more GPUs or use a narrower precision.',
    }
  }
  const cache = sequenceCacheBytes(facts, toModelShape(facts), cacheLayout(layout, formats), tokens)
  if (weights + cache <= memory) return null
  return {
    code: 'kv-cache-too-small',
    message: `One request of ${Math.round(tokens)} tokens needs ${gb(cache)} of cache beside ${gb(weights)} of weights per GPU ${at}; ${gpu.id} has ${gb(memory)}.`,
    path: 'isl',
    next_step: 'Shorten the requests or spread over more GPUs.',
  }
}

const cacheLayout = (layout: ReplicaLayout, { kv }: ReplicaFormats) => ({
  tensorParallelSize: layout.tensorParallel,
  pipelineParallelSize: layout.pipelineParallel,
  kvBytesPerElement: kv === 'fp8' ? 1 : 2,
})

const gb = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`
