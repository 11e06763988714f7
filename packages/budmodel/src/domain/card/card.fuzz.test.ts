/** No card and no import of scores makes a parser throw anything but its own refusal, hang, or hand on what is too long. */
import { BudError } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { readLineage } from './lineage.ts'
import { parseBenchmarks } from './parse-benchmarks.ts'
import { parseModelCard } from './parse-model-card.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_108 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 30 }

const CARD = `---
license: [mit, other]
license_name: &name qwen
base_model:
- a/b
- c/d
tags: [x, *name]
language: en
model-index:
- name: m
  results:
  - task: {type: text-generation}
    dataset: {name: MMLU, type: mmlu, args: {num_few_shot: 5}}
    metrics: [{type: acc, value: 61.0}]
---
# Title

A paragraph with a [link](https://example.com) and **bold** words that is long enough.
`
const piece = fc.oneof(
  fc.constantFrom(
    '---\n',
    '- ',
    ': ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a ',
    '!!binary ',
    '"',
    '<<: ',
    '](',
    '![',
    '**',
    '`',
    '<',
    '.nan',
    '1e999',
    '~',
    '|\n',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const damaged = (sound: string) =>
  fc
    .array(fc.tuple(fc.nat(sound.length), fc.nat(20), piece), { maxLength: 8 })
    .map((changes) => changes.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), sound))
const anyValue = fc.oneof(fc.jsonValue(), fc.string())

describe('model cards', () => {
  it('survive damage, and never tell more than lists can show', TIMEOUT, () => {
    const property = fc.property(fc.oneof(damaged(CARD), fc.string({ maxLength: 300 })), (text) => {
      const card = parseModelCard(text)
      expect(card.description?.length ?? 0).toBeLessThanOrEqual(400 * 10)
      for (const { score } of card.benchmarks) expect(Number.isFinite(score)).toBe(true)
      for (const tag of card.tags) expect(tag.isWellFormed() && tag.length > 0).toBe(true)
      readLineage({ adapterConfig: undefined, config: undefined, card, gguf: null, claimed: text })
    })
    fc.assert(property, RUNS)
  })

  it('survive metadata of any shape under the names that are read', TIMEOUT, () => {
    const names = ['license', 'license_name', 'base_model', 'tags', 'language', 'model-index', 'pipeline_tag']
    const property = fc.property(fc.dictionary(fc.constantFrom(...names), anyValue), anyValue, (front, other) => {
      const card = parseModelCard(`---\n${JSON.stringify(front)}\n---\n`)
      for (const { name } of readLineage({ adapterConfig: other, config: other, card, gguf: null, claimed: null }))
        expect(name).toMatch(/^[\w./-]{1,193}$/)
    })
    fc.assert(property, RUNS)
  })

  it.each([
    ['brackets', '['.repeat(200_000)],
    ['dashes', '- '.repeat(100_000)],
    ['quotes', '"'.repeat(200_000)],
    ['anchors', '&a '.repeat(80_000)],
    ['aliases', '*a '.repeat(80_000)],
    ['itself', 'tags: &a [*a]'],
    [
      'a bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefg'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdef'[at]}`).join(',')}]`).join('\n')}`,
    ],
  ])('of nothing but %s are read in seconds', { timeout: 60_000 }, (_what, front) => {
    const started = performance.now()
    expect(parseModelCard(`---\n${front}\n---\n`).tags.length).toBeLessThanOrEqual(50)
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  it.each(['[', '](', '![', '<', '*', '`', '# ', '| ', '[a](', '<a', '**a', 'a '])(
    'with a body of %j alone are read in a moment',
    (part) => {
      const started = performance.now()
      parseModelCard(part.repeat(1_000_000 / part.length))
      expect(performance.now() - started).toBeLessThan(5000)
    },
  )
})

describe('imports of scores', () => {
  const csv = 'model,benchmark,score,metric\na/b,mmlu,61.0,acc\n"c ""d""",gsm8k,5,\n'
  const json = JSON.stringify([
    { model: 'a/b', benchmark: 'mmlu', score: 61, measured_at: '2026-01-01' },
    { model: 'c' },
  ])

  it('are scores or a list of problems, whatever is wrong with them', TIMEOUT, () => {
    const content = fc.oneof(
      damaged(csv).map((text) => ['csv', text] as const),
      damaged(json).map((text) => ['json', text] as const),
      fc.jsonValue().map((value) => ['json', JSON.stringify(value)] as const),
    )
    const property = fc.property(content, ([format, text]) => {
      try {
        const rows = parseBenchmarks(format, text)
        expect(rows.length).toBeGreaterThan(0)
        for (const { model, benchmark, score } of rows) {
          expect(Number.isFinite(score)).toBe(true)
          expect(model.length * benchmark.length).toBeGreaterThan(0)
        }
      } catch (error) {
        if (!(error instanceof BudError)) throw error
        expect(error.reasons.length).toBeGreaterThan(0)
      }
    })
    fc.assert(property, RUNS)
  })
})
