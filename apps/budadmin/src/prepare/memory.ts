/** What one GPU's memory is spent on, as the segments of a bar. */
import type { MemoryFit } from '@bud/kernel'
import { formatBytes, formatInteger } from './format.ts'

export interface MemorySegment {
  key: 'weights' | 'activations' | 'overhead' | 'kv' | 'headroom'
  label: string
  bytes: number
  /** Of the bar's whole width. */
  share: number
}

export interface MemoryView {
  segments: MemorySegment[]
  /** Where the GPU ends on the bar; below 1 when more is asked for than there is. */
  capacityShare: number
  summary: string
}

export function toMemoryView(fit: MemoryFit): MemoryView {
  const parts: [MemorySegment['key'], string, number][] = [
    ['weights', 'Weights', fit.weights_bytes],
    ['activations', 'Activations', fit.activation_bytes],
    ['overhead', 'Overhead', fit.overhead_bytes],
    ['kv', 'KV cache', fit.kv_cache_bytes],
    ['headroom', 'Headroom', fit.headroom_bytes],
  ]
  const needed = parts.reduce((sum, [, , bytes]) => sum + Math.max(0, bytes), 0)
  const whole = Math.max(needed, fit.gpu_memory_bytes)
  return {
    segments: parts
      .filter(([, , bytes]) => bytes > 0)
      .map(([key, label, bytes]) => ({ key, label, bytes, share: bytes / whole })),
    capacityShare: fit.gpu_memory_bytes / whole,
    summary: fit.fits
      ? `The KV cache holds ${formatInteger(fit.kv_capacity_tokens)} tokens per replica: ${formatInteger(fit.max_concurrent_sequences)} sequences of this workload at once.`
      : `Does not fit: ${formatBytes(needed)} wanted, ${formatBytes(fit.gpu_memory_bytes)} there.`,
  }
}
