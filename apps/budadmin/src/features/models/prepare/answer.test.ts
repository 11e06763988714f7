import { expect, test } from 'vitest'
import { detailOf } from '../testing/sample-models.ts'
import { fitsText, licenceAnswer, licenceSource, toFitRows, withoutConditions } from './answer.ts'

const fit = (name: string, fits: boolean, now: boolean) => ({
  cluster_id: name,
  cluster_name: name,
  fits,
  fits_now: now,
  gpu_type: fits ? 'H100' : null,
  gpu_count: fits ? 2 : null,
})

test('production decides what the licence answers', () => {
  const verdicts = [
    { stage: 'staging' as const, action: 'allow' as const, reasons: [] },
    { stage: 'production' as const, action: 'block' as const, reasons: [] },
  ]
  expect(licenceAnswer(detailOf('m', { licence_verdicts: verdicts }))).toMatchObject({
    tone: 'bad',
    word: 'Not allowed',
    detail: 'Apache License 2.0, permissive',
  })
  expect(licenceAnswer(detailOf('m', { licence: null }))).toMatchObject({ word: 'Not judged' })
})

test('clusters with room come first', () => {
  const rows = toFitRows([fit('small', false, false), fit('busy', true, false), fit('free', true, true)])
  expect(rows.map(({ name, detail, word }) => [name, detail, word])).toEqual([
    ['free', '2 × H100', 'fits now'],
    ['busy', '2 × H100', 'fits once GPUs are free'],
    ['small', '', 'does not fit'],
  ])
})

test('room that others hold is not called room', () => {
  expect(fitsText([fit('busy', true, false)])).toEqual({ tone: 'warn', word: 'Fits on 1 of 1 cluster, none free now' })
  expect(fitsText([fit('small', false, false)])).toMatchObject({ tone: 'bad' })
  expect(fitsText([])).toMatchObject({ tone: 'idle' })
})

test('an inherited licence names whom it is from', () => {
  expect(licenceSource({ source: 'inherited', from: 'llama' })).toBe('inherited from llama')
  expect(licenceSource({ source: 'licence-file', from: null })).toBe('from the licence file')
})

test('conditions of a licence are not said again by each verdict', () => {
  const reason = (message: string) => ({ code: 'x', message })
  const [verdict] = withoutConditions({
    licence_detail: {
      id: 'l',
      name: 'L',
      class: 'conditional',
      conditions: [{ kind: 'naming', text: 'Say so.' }],
      url: null,
      source: 'model-card',
      evidence: '',
      from: null,
    },
    licence_verdicts: [{ stage: 'production', action: 'warn', reasons: [reason('It warns.'), reason('Say so.')] }],
  })
  expect(verdict?.reasons.map(({ message }) => message)).toEqual(['It warns.'])
})
