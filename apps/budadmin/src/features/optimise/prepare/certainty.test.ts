import { DEFAULT_CONFIDENCE } from '@bud/kernel'
import { expect, test } from 'vitest'
import { certaintyLabel, describeCertainty, oddsOf } from './certainty.ts'

test('a confidence is said as odds that people know', () => {
  expect([0.5, 0.55, 0.8, 0.9, 0.95].map(oddsOf)).toEqual(['5 of 10', '11 of 20', '8 of 10', '9 of 10', '19 of 20'])
})

test('from optimistic to very safe, the default is safe', () => {
  expect([0.5, 0.6, 0.7, 0.75, 0.9, 0.95].map((confidence) => describeCertainty(confidence).name)).toEqual([
    'optimistic',
    'balanced',
    'balanced',
    'safe',
    'very safe',
    'very safe',
  ])
  expect(certaintyLabel(DEFAULT_CONFIDENCE)).toBe('safe, 80 %')
})
