import { expect, test } from 'vitest'
import { detailOf, figureOf, reportOf } from '../testing/sample-models.ts'
import { describeComparison, onlyDifferences, toComparison } from './comparison.ts'

const rowsOf = (sections: ReturnType<typeof toComparison>) => sections.flatMap(({ rows }) => rows)
const row = (sections: ReturnType<typeof toComparison>, label: string) =>
  rowsOf(sections).find((one) => one.label === label)

test('the longer context is better; equal ones are neither marked nor different', () => {
  const sections = toComparison([detailOf('a', { context_length: 131_072 }), detailOf('b')])
  expect(row(sections, 'Context')).toMatchObject({
    differs: true,
    cells: [
      { text: '128K tokens', best: true },
      { text: '8K tokens', best: false },
    ],
  })
  expect(row(sections, 'Parameters')).toMatchObject({ differs: false, cells: [{ best: false }, { best: false }] })
})

test('the faster is marked only where both were measured under the same load', () => {
  const fast = detailOf('a', { measured_figures: [figureOf({ output_tok_s_per_gpu: 3000 }), figureOf()] })
  const slow = detailOf('b', { measured_figures: [figureOf()] })
  const other = detailOf('c', { measured_figures: [figureOf({ input_tokens: 128 })] })
  expect(row(toComparison([fast, slow]), 'On H100')?.cells.map(({ best }) => best)).toEqual([true, false])
  expect(row(toComparison([fast, other]), 'On H100')?.cells.map(({ best }) => best)).toEqual([false, false])
  expect(row(toComparison([fast, detailOf('d')]), 'On H100')?.cells).toMatchObject([{ best: false }, { text: '—' }])
})

test('a lower perplexity is better, a higher score is better', () => {
  const scored = (name: string, mmlu: number, perplexity: number) =>
    detailOf(name, {
      benchmarks: [
        { benchmark: 'mmlu', metric: 'acc', score: mmlu, source: 'model card', recorded_by: null, recorded_at: null },
        {
          benchmark: 'wikitext',
          metric: 'perplexity',
          score: perplexity,
          source: 'import',
          recorded_by: null,
          recorded_at: null,
        },
      ],
    })
  const sections = toComparison([scored('a', 70, 5), scored('b', 65, 4)])
  expect(row(sections, 'mmlu, acc')?.cells.map(({ best }) => best)).toEqual([true, false])
  expect(row(sections, 'wikitext, perplexity')?.cells.map(({ best }) => best)).toEqual([false, true])
})

test('only differences: rows that say the same are gone', () => {
  const models = [detailOf('a', { scan: reportOf() }), detailOf('b')]
  expect(rowsOf(onlyDifferences(toComparison(models))).map(({ label }) => label)).toEqual(['Scan'])
  expect(describeComparison(models)).toMatch(/^a and b differ in 1 of \d+ rows\.$/)
})
