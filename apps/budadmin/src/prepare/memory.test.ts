import type { MemoryFit } from '@bud/kernel'
import { expect, test } from 'vitest'
import { toMemoryView } from './memory.ts'

const fit: MemoryFit = {
  fits: true,
  gpu_memory_bytes: 80e9,
  weights_bytes: 16e9,
  activation_bytes: 4e9,
  overhead_bytes: 2e9,
  kv_cache_bytes: 50e9,
  headroom_bytes: 8e9,
  kv_capacity_tokens: 400_000,
  max_concurrent_sequences: 312,
  reason: null,
}

test('the segments fill the GPU when everything fits', () => {
  const view = toMemoryView(fit)
  expect(view.segments.reduce((sum, segment) => sum + segment.share, 0)).toBeCloseTo(1)
  expect(view.capacityShare).toBe(1)
  expect(view.summary).toContain('400,000 tokens')
})

test('what does not fit runs past the end of the GPU', () => {
  const view = toMemoryView({ ...fit, fits: false, weights_bytes: 140e9, kv_cache_bytes: 0 })
  expect(view.capacityShare).toBeCloseTo(80 / 154)
  expect(view.segments.map((segment) => segment.key)).not.toContain('kv')
  expect(view.summary).toBe('Does not fit: 154 GB wanted, 80 GB there.')
})
