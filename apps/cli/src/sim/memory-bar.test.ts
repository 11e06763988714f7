import type { MemoryFit } from '@bud/kernel'
import { expect, test } from 'vitest'
import { memoryBar } from './memory-bar.ts'

const memory = (parts: Partial<MemoryFit>): MemoryFit => ({
  fits: true,
  gpu_memory_bytes: 80e9,
  weights_bytes: 40e9,
  activation_bytes: 1.6e9,
  overhead_bytes: 1.6e9,
  kv_cache_bytes: 28.8e9,
  headroom_bytes: 8e9,
  kv_capacity_tokens: 1000,
  max_concurrent_sequences: 10,
  reason: null,
  ...parts,
})

test('each part has its share of the bar, and its figure', () => {
  const [bar, legend] = memoryBar(memory({})).split('\n')
  expect(bar).toBe(`${'█'.repeat(25)}▓▒${'░'.repeat(18)}${'·'.repeat(5)} 80 GB per GPU`)
  expect(legend).toBe(
    '█ weights 40 GB  ▓ activations 1.60 GB  ▒ overhead 1.60 GB  ░ KV cache 28.8 GB  · kept free 8 GB',
  )
})

test('a mark shows where memory ends when more is needed', () => {
  const [bar] = memoryBar(memory({ fits: false, weights_bytes: 156.8e9, kv_cache_bytes: 0 })).split('\n')
  expect(bar).toBe(`${'█'.repeat(25)}│${'█'.repeat(24)}▓ 80 GB per GPU`)
})
