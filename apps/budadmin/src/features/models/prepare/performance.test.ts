import { expect, test } from 'vitest'
import { figureOf } from '../testing/sample-models.ts'
import { loadText, measuredNote, toFigureRows } from './performance.ts'

test('every measurement says on what, with what, under which load, and who says so', () => {
  const [row] = toFigureRows([figureOf({ gpu_count: 8 })])
  expect(row).toMatchObject({ hardware: '8 × H100', engine: 'vllm 0.8.5', load: '1,024 in, 256 out, 16 at once' })
  expect(row?.source).not.toBe('')
})

test('what is not known of a load is left out', () => {
  expect(loadText({ input_tokens: null, output_tokens: 256, concurrency: null })).toBe('256 out')
  expect(loadText({ input_tokens: null, output_tokens: null, concurrency: null })).toBe('—')
})

test('measurements of an architecture are not called the model’s own', () => {
  expect(measuredNote({ name: 'mine', measured_as: 'meta-llama/Llama-3.1-8B' })).toContain(
    'of meta-llama/Llama-3.1-8B, the same architecture',
  )
})
