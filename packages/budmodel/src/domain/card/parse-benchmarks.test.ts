import { BudError } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { parseBenchmarks } from './parse-benchmarks.ts'

const reasonsOf = (format: 'csv' | 'json', content: string) => {
  try {
    parseBenchmarks(format, content)
    return expect.unreachable()
  } catch (error) {
    if (!(error instanceof BudError)) throw error
    expect(error.code).toBe('invalid-input')
    return error.reasons
  }
}

describe('scores', () => {
  it('are read from CSV with columns in any order and case', () => {
    const content =
      '\uFEFFScore,Benchmark,MODEL,source,measured_at,metric\r\n68.4,MMLU (5-shot),a/b,"runs, our own",2026-03-31,acc\r\n\r\n0.71,Our Test,c,,,\r\n'
    expect(parseBenchmarks('csv', content)).toEqual([
      {
        model: 'a/b',
        benchmark: 'mmlu',
        metric: 'acc',
        score: 68.4,
        source: 'runs, our own',
        measured_at: '2026-03-31T00:00:00.000Z',
        place: 'line 2',
      },
      {
        model: 'c',
        benchmark: 'Our Test',
        metric: null,
        score: 0.71,
        source: null,
        measured_at: null,
        place: 'line 4',
      },
    ])
  })

  it('are read from JSON, as a list or under "benchmarks"', () => {
    const rows = [{ model: 'a/b', benchmark: 'gsm8k', score: 80.5, measured_at: '2026-03-31T12:00:00+02:00' }]
    const [read] = parseBenchmarks('json', JSON.stringify(rows))
    expect(read).toMatchObject({ score: 80.5, measured_at: '2026-03-31T10:00:00.000Z', place: 'entry 1' })
    expect(parseBenchmarks('json', JSON.stringify({ benchmarks: rows }))).toEqual([read])
  })

  it('are refused with every problem at once, each with its line', () => {
    const content = [
      'model,benchmark,score,measured_at',
      ',mmlu,1,',
      'a,mmlu,high,2026-02-30',
      'a,gsm8k,Infinity,',
      'a,"mmlu,2,',
      'a,bbh,1,,extra',
      'a,musr,1,',
      'a,MuSR,2,',
    ].join('\n')
    expect(reasonsOf('csv', content).map(({ code, evidence }) => [code, evidence])).toEqual([
      ['malformed-row', 'line 5'],
      ['malformed-row', 'line 6'],
      ['value-missing', 'line 2'],
      ['score-invalid', 'line 3'],
      ['date-invalid', 'line 3'],
      ['score-invalid', 'line 4'],
      ['score-twice', 'line 8'],
    ])
  })

  it('need their columns, and offer the nearest for those nobody knows', () => {
    const reasons = reasonsOf('csv', 'model,benchmarks,result\na,b,1')
    expect(reasons.map(({ code }) => code)).toEqual([
      'column-missing',
      'column-missing',
      'unknown-field',
      'unknown-field',
    ])
    expect(reasons[2]?.message).toContain('Did you mean "benchmark"?')
    expect(reasonsOf('json', '[{"model":"a","benchmark":"b","score":1,"metrics":"x"}]')[0]?.message).toContain(
      '"metric"',
    )
  })

  it.each([
    ['json', '{', 'malformed-json'],
    ['json', '{"a":1}', 'malformed-json'],
    ['json', '[1]', 'malformed-row'],
    ['json', '[]', 'no-scores'],
    ['json', '[{"model":3,"benchmark":"b","score":"1"}]', 'value-invalid'],
    ['json', '[{"model":"a","benchmark":"b","score":1e999}]', 'score-invalid'],
    ['json', '[{"model":"a","benchmark":"b","score":null}]', 'score-invalid'],
    ['csv', '', 'no-scores'],
    ['csv', 'model,benchmark,score', 'no-scores'],
    ['csv', 'model,model,benchmark,score', 'column-twice'],
    ['csv', `model,benchmark,score\n${'x'.repeat(5_000_001)}`, 'too-large'],
  ] as const)('%s %.40s is %s', (format, content, code) => {
    expect(reasonsOf(format, content)[0]?.code).toBe(code)
  })

  it('with a thousand problems tell a hundred, and how many more', () => {
    const reasons = reasonsOf('csv', `model,benchmark,score\n${'a,b,x\n'.repeat(1000)}`)
    expect(reasons).toHaveLength(101)
    expect(reasons.at(-1)).toMatchObject({ code: 'more-problems', message: '900 more problems are not listed.' })
  })
})
