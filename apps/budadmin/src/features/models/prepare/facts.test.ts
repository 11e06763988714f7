import { expect, test } from 'vitest'
import { detailOf } from '../testing/sample-models.ts'
import { generationText, languagesText, toFactRows } from './facts.ts'

test('a model without facts shows what is known, and nothing else', () => {
  const rows = toFactRows(detailOf('m', { tokenizer: { kind: 'BPE', vocab_size: 128_256, chat_template: false } }))
  expect(rows).toContainEqual({ label: 'Context', value: '8K tokens' })
  expect(rows).toContainEqual({ label: 'Tokenizer', wide: true, value: 'BPE, 128,256 tokens, no chat template' })
  expect(rows.map(({ label }) => label)).not.toContain('Layers')
})

test('languages by their names, codes nobody knows as they are', () => {
  expect(languagesText(['en', 'de'])).toBe('English, German')
  expect(languagesText(['!', 'en'])).toBe('!, English')
  expect(languagesText(['en', 'de', 'fr', 'es', 'it', 'pt', 'ja', 'ko'])).toContain('and 2 more')
})

test('defaults of generation in words', () => {
  expect(generationText({ temperature: 0.6, top_p: 0.9 })).toBe('temperature 0.6, top p 0.9')
})
