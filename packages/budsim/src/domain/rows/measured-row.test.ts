import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, LLAMA_8B } from '../../testing/fixtures.ts'
import { measuredRowOf, servingRowOf } from '../../testing/serving-cases.ts'
import { parseMeasuredRow, tellsFirstToken, tellsLoad } from './measured-row.ts'

const CELLS = {
  ...{ row_id: 'a', engine: 'vLLM', model: 'm', gpu: 'H100-SXM-80GB', num_gpus: '2.0' },
  ...{ scenario: 'closed_loop_agg', isl: '1024', source: ' lab ' },
}
const parsed = (cells: Record<string, string>) => {
  const row = parseMeasuredRow({ ...CELLS, ...cells }, 7)
  if ('problems' in row) throw new Error(row.problems.map(({ message }) => message).join(' '))
  return row.measured
}

describe('a measured row', () => {
  it.each([
    ['ttft_ms', { ttft_ms_mean: '12', ttft_ms_p50: '10' }, 12],
    ['ttft_ms', { ttft_ms_mean: '', ttft_ms_p50: '10' }, 10],
    ['tpot_ms', { tpot_ms_mean: '7', itl_ms_mean: '9' }, 7],
    ['tpot_ms', { tpot_ms_p50: '8', itl_ms_mean: '9' }, 8],
    ['tpot_ms', { itl_ms_mean: '9' }, 9],
    ['output_tok_s', { throughput_output_tok_s: '900', derived_output_tok_s: '800' }, 900],
    ['output_tok_s', { derived_output_tok_s: '800' }, 800],
  ] as const)('takes %s of %j as %d', (figure, cells, value) => {
    expect(parsed(cells).measured[figure]).toBe(value)
  })

  it.each(['', '0', '-3', 'NaN', 'inf', 'fast'])('takes a figure of "%s" as not measured', (text) => {
    expect(parsed({ tpot_ms_mean: text }).measured).toEqual({ ttft_ms: null, tpot_ms: null, output_tok_s: null })
  })

  it('says who measured it, and every problem of the row with its line', () => {
    expect(parsed({}).source).toBe('lab')
    expect(parsed({ source: '' }).source).toBe('unnamed')
    const refused = parseMeasuredRow({ ...CELLS, num_gpus: '0', scenario: '' }, 7)
    expect(refused).toMatchObject({
      problems: [
        { path: 'scenario', message: expect.stringMatching(/^Line 7, column scenario: /) },
        { path: 'num_gpus', message: expect.stringMatching(/^Line 7, column num_gpus: /) },
      ],
    })
  })
})

describe('what a row tells', () => {
  it.each([
    ['vllm', null, LLAMA_8B, true],
    ['sglang', null, LLAMA_8B, false],
    ['sglang', '0.5.6', LLAMA_8B, true],
    ['tensorrt-llm', '1.0.0rc3', LLAMA_8B, false],
    ['tensorrt-llm', '1.0.0rc3', DEEPSEEK_V3, true],
    ['tensorrt-llm', '1.1.0', LLAMA_8B, true],
  ] as const)('of first tokens by %s %s: %#', (engine, engine_version, facts, tells) => {
    expect(tellsFirstToken(servingRowOf({ engine, engine_version }), facts)).toBe(tells)
  })

  it('of its load, unless first tokens took more than three whole answers', () => {
    const of = (ttft_ms: number | null, scenario: 'closed-loop' | 'burst' = 'closed-loop') =>
      tellsLoad(measuredRowOf({ osl: 100, scenario }, { ttft_ms, tpot_ms: 10 }))
    expect(of(2999)).toBe(true)
    expect(of(3001)).toBe(false)
    expect(of(3001, 'burst')).toBe(true)
    expect(of(null)).toBe(true)
  })
})
