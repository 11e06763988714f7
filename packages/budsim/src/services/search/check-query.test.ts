import { BudError, type Targets, Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { LLAMA_8B } from '../../testing/fixtures.ts'
import { search } from '../../testing/search.ts'
import type { SearchQuery } from './search-types.ts'

function reasonsOf(query: Partial<SearchQuery>) {
  try {
    search({ facts: LLAMA_8B, ...query })
  } catch (error) {
    if (error instanceof BudError) return error.reasons.map(({ code, path }) => `${code} ${path}`)
    throw error
  }
  return []
}

const rate = Workload.parse({ request_rate_per_s: 2, output_tokens: 256 })

describe('questions that cannot be meant', () => {
  it.each<[string, Targets, Workload, string[]]>([
    ['an answer sooner than its first token', { ttft_ms: 800, e2e_ms: 500 }, rate, ['targets.e2e_ms']],
    ['more tokens than arrive', { tokens_per_s: 600 }, rate, ['targets.tokens_per_s']],
    [
      'a month for less than an hour',
      { budget_usd_per_hour: 10, budget_usd_per_month: 5 },
      rate,
      ['targets.budget_usd_per_month'],
    ],
    [
      'all of them',
      { ttft_ms: 800, e2e_ms: 500, tokens_per_s: 600, budget_usd_per_hour: 10, budget_usd_per_month: 5 },
      rate,
      ['targets.e2e_ms', 'targets.tokens_per_s', 'targets.budget_usd_per_month'],
    ],
    ['just what arrives', { tokens_per_s: 512 }, rate, []],
    ['a throughput that is the load', { tokens_per_s: 600 }, Workload.parse({}), []],
    ['a month’s budget that is the stricter', { budget_usd_per_hour: 40, budget_usd_per_month: 7300 }, rate, []],
  ])('%s', (_, targets, workload, paths) =>
    expect(reasonsOf({ targets, workload })).toEqual(paths.map((path) => `contradictory-limits ${path}`)),
  )

  it('names every value out of range, with its path', () => {
    expect(
      reasonsOf({
        workload: { input_tokens: 0, output_tokens: Number.NaN, prefix_cache_share: 0 },
        targets: { ttft_ms: -1 },
        confidence: 1.5,
        memory_headroom: 0.9,
        nodes: [{ name: 'a', gpu_type: 'H100-SXM-80GB', free: -1 }],
      }),
    ).toEqual([
      'out-of-range workload.input_tokens',
      'out-of-range workload.output_tokens',
      'out-of-range targets.ttft_ms',
      'out-of-range confidence',
      'out-of-range memory_headroom',
      'out-of-range nodes',
    ])
  })

  it('names a limit that never binds without refusing it', () => {
    const { feasible, remarks, candidates } = search({
      facts: LLAMA_8B,
      targets: { e2e_ms: 5000, tokens_per_s_per_user: 20 },
    })
    expect(feasible).toBe(true)
    expect(remarks).toMatchObject([{ code: 'limit-never-binds', path: 'targets.tokens_per_s_per_user' }])
    expect(candidates[0]?.why).toContain('At 20.0 tokens/s per stream an answer of 256 tokens takes 12.8 s')
    expect(search({ targets: { e2e_ms: 13_000, tokens_per_s_per_user: 20 } }).remarks).toEqual([])
  })
})
