import { type Remedy, type Targets, Workload } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEEPSEEK_V3, DEMO_NODES, LLAMA_8B } from '../../testing/fixtures.ts'
import { arbitraryQuery, queryOf, search, withIntervals } from '../../testing/search.ts'
import { searchConfigurations } from './search-configurations.ts'
import type { SearchQuery } from './search-types.ts'

/** The question as the remedy would have it. */
function apply(query: SearchQuery, { targets, workload, gpus }: Remedy): SearchQuery {
  const added = gpus ? [{ name: 'added', gpu_type: gpus.gpu_type, free: gpus.more }] : []
  return {
    ...query,
    targets: { ...query.targets, ...targets },
    workload: { ...query.workload, ...workload },
    nodes: [...query.nodes, ...added],
  }
}

const remediesOf = (query: Partial<SearchQuery>) => search(query).remedies.flat()

describe('what would make a question feasible', () => {
  it('does so: each remedy that is named, when applied', () => {
    let applied = 0
    const stricter = arbitraryQuery.map((query): SearchQuery => {
      const targets: Targets = { ...query.targets, ttft_ms: (query.targets.ttft_ms ?? 2000) / 6 }
      return { ...query, targets, predictor: withIntervals(0.8, 1.3) }
    })
    fc.assert(
      fc.property(stricter, (query) => {
        const { feasible, remedies, nearest_misses: misses } = searchConfigurations(query)
        expect(remedies).toHaveLength(misses.length)
        if (feasible) expect(misses).toEqual([])
        for (const remedy of remedies.flat()) {
          applied++
          expect(searchConfigurations(apply(query, remedy)).feasible, JSON.stringify(remedy)).toBe(true)
        }
      }),
      { numRuns: 40, seed: 31 },
    )
    expect(applied).toBeGreaterThan(40)
  })

  it('names the nearest for each limit that some configuration misses alone', () => {
    const query = {
      facts: LLAMA_8B,
      workload: Workload.parse({ request_rate_per_s: 60 }),
      targets: { ttft_ms: 400, budget_usd_per_hour: 5 },
    }
    const { nearest_misses: misses, remedies } = search(query)
    const relaxed = new Set(remedies.flat().flatMap(({ targets = {} }) => Object.keys(targets)))
    expect([...relaxed]).toContain('budget_usd_per_hour')
    expect(misses.map(({ why }) => why).join('\n')).toMatch(/a budget of \$[\d.]+\/h instead of \$5\.00\/h/)
    for (const remedy of remedies.flat())
      expect(searchConfigurations(apply(queryOf(query), remedy)).feasible).toBe(true)
  })

  it('gives a limit, a load or more GPUs, each with its figure', () => {
    const [first] = search({ workload: Workload.parse({ request_rate_per_s: 100 }) }).remedies
    expect(first?.[0]?.workload?.request_rate_per_s).toBeLessThan(100)
    expect(first?.[1]?.gpus).toMatchObject({ gpu_type: 'H100-SXM-80GB' })
    expect(remediesOf({ targets: { ttft_ms: 50 } })[0]?.targets?.ttft_ms).toBeGreaterThan(50)
    expect(remediesOf({ facts: DEEPSEEK_V3 })[0]?.gpus).toMatchObject({ more: 16, together: 16 })
  })

  it('asks for the fewest more GPUs: with fewer it is still infeasible', () => {
    const query = queryOf({ facts: LLAMA_8B, nodes: [{ name: 'a', gpu_type: 'H100-SXM-80GB', free: 1 }] })
    const loaded = { ...query, workload: Workload.parse({ request_rate_per_s: 60 }), targets: { ttft_ms: 400 } }
    const { remedies } = searchConfigurations(loaded)
    const gpus = remedies.flat().flatMap((remedy) => (remedy.gpus && !remedy.targets ? [remedy.gpus] : []))
    const fewest = Math.min(...gpus.map(({ more }) => more))
    expect(fewest).toBeGreaterThan(0)
    const at = (more: number) =>
      searchConfigurations(apply(loaded, { gpus: { gpu_type: 'H100-SXM-80GB', more, together: 1 } })).feasible
    expect(at(fewest)).toBe(true)
    expect(at(fewest - 1)).toBe(false)
  })

  it('says nothing where no change of limits, load or GPUs would do', () => {
    const { nearest_misses: misses, remedies } = search({ workload: Workload.parse({ input_tokens: 500_000 }) })
    expect([misses, remedies]).toEqual([[], []])
    expect(search({ nodes: DEMO_NODES }).remedies).toEqual([])
  })
})
