import { expect, test } from 'vitest'
import { toWhyParts } from './why.ts'

test('the layout is left out, the remedy stands apart', () => {
  expect(
    toWhyParts(
      '2 × (8 H100, TP 8) on vllm: 2 limits missed. Cost would be $72.00/h. It would hold with a budget of $72.00/h.',
    ),
  ).toEqual({
    said: '2 limits missed. Cost would be $72.00/h.',
    remedy: 'It would hold with a budget of $72.00/h.',
  })
  expect(toWhyParts('1 × (2 A100, TP 1 × PP 2) on sglang: 2 % slower end to end than the first.')).toEqual({
    said: '2 % slower end to end than the first.',
    remedy: undefined,
  })
})

test('another sentence stays as it is', () => {
  const why = 'Lowest cost that holds every limit: 1 × (1 A100, TP 1) on vllm for $3.50/h.'
  expect(toWhyParts(why)).toEqual({ said: why, remedy: undefined })
})
