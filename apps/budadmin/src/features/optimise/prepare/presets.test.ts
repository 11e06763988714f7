import { Workload } from '@bud/kernel'
import { expect, test } from 'vitest'
import { presetLabel, presetOf } from './presets.ts'
import { initialForm, toShapeFields } from './request.ts'

const rag = {
  name: 'rag',
  reason: 'Passages fill the prompt.',
  workload: Workload.parse({ input_tokens: 4096, output_tokens: 384, input_tokens_cv: 0.5, prefix_cache_share: 0.1 }),
}
const form = { ...initialForm({}, undefined), ...toShapeFields(rag.workload) }

test('the chosen preset is told by the figures, and no longer once one of them is changed', () => {
  expect(presetOf(form, [rag])).toBe(rag)
  expect(presetOf({ ...form, concurrency: 99 }, [rag])).toBe(rag)
  expect(presetOf({ ...form, cachedPercent: 11 }, [rag])).toBeUndefined()
})

test('a preset that a newer server adds is shown by its name', () => {
  expect(presetLabel(rag)).toBe('RAG')
  expect(presetLabel({ ...rag, name: 'agents' })).toBe('agents')
})
