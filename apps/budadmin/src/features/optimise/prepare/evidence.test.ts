import type { Prediction } from '@bud/kernel'
import { expect, test } from 'vitest'
import { toEvidenceLines } from './evidence.ts'

const estimate = { value: 1, low: 0.5, high: 2 }
const linesOf = (evidence: Prediction['evidence']) =>
  toEvidenceLines({ evidence, ttft_ms: estimate, tpot_ms: estimate } as Prediction).map(({ text }) => text)

test('says what was measured, whose intervals they are, and what live observations changed', () => {
  expect(
    linesOf({
      novelty: 'new-model',
      interval_group: 'closed-loop, waiting',
      observations: 12,
      refinement: 'refinement-3',
    }),
  ).toEqual([
    'This model architecture was never measured: intervals are wider.',
    'Intervals are as wide as predictions of steady loads with requests that wait for a place were off when measured.',
    'Refined by 12 live observations (version 3).',
  ])
})

test('a prediction from before intervals says that it has none', () => {
  const exact = { value: 1, low: null, high: null }
  expect(toEvidenceLines({ ttft_ms: exact, tpot_ms: exact } as Prediction)).toHaveLength(1)
  expect(linesOf(undefined)).toEqual([])
})
