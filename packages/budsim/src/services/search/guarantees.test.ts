import { Workload } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { boundExponent, lowerBound, upperBound } from '../../domain/intervals/bound-at.ts'
import { isBetter } from '../../domain/nsga/non-dominated.ts'
import { planPlacement } from '../../domain/plan-placement.ts'
import { gpuOf, LLAMA_8B } from '../../testing/fixtures.ts'
import { arbitraryQuery, search, withIntervals } from '../../testing/search.ts'
import { paretoObjectives } from './pareto.ts'
import { searchConfigurations } from './search-configurations.ts'
import type { Evaluated, SearchQuery } from './search-types.ts'

function expectHeld({ deployment, prediction }: Evaluated, query: SearchQuery): void {
  const { targets, workload, facts, nodes } = query
  const exponent = boundExponent(query.confidence ?? 0.8)
  const close = 1 + 1e-6
  if (targets.ttft_ms) {
    expect(upperBound(prediction.ttft_ms_p99, exponent)).toBeLessThanOrEqual(targets.ttft_ms * close)
  }
  if (targets.tokens_per_s_per_user) {
    expect((1000 / upperBound(prediction.tpot_ms, exponent)) * close).toBeGreaterThanOrEqual(
      targets.tokens_per_s_per_user,
    )
  }
  if (targets.budget_usd_per_hour) {
    expect(prediction.cost_usd_per_hour).toBeLessThanOrEqual(targets.budget_usd_per_hour * close)
  }
  if (workload.request_rate_per_s) {
    const capacity = lowerBound(prediction.max_output_tokens_per_s, exponent) / workload.output_tokens
    expect(capacity * close).toBeGreaterThanOrEqual(workload.request_rate_per_s)
  }
  expect(prediction.saturated).toBe(false)
  const gpu = gpuOf(deployment.resources.gpu_type)
  expect(checkDeployment({ facts, deployment, gpu }).blocking).toEqual([])
  const plan = planPlacement({
    nodes: nodes.filter(({ gpu_type }) => gpu_type === gpu.id),
    gpus_per_replica: deployment.resources.gpu_count,
    tensor_parallel_size: deployment.config.tensor_parallel_size,
    data_parallel_size: deployment.config.data_parallel_size,
    replicas: deployment.replicas,
  })
  expect(plan.reason).toBeUndefined()
}

describe('whatever is asked', () => {
  it('nothing that is offered misses a limit, fails the check or finds no room', () => {
    fc.assert(
      fc.property(arbitraryQuery, fc.constantFrom('exhaustive' as const, 'genetic' as const), (query, method) => {
        const { candidates, pareto } = searchConfigurations({ ...query, search: method })
        for (const one of [...candidates, ...pareto]) expectHeld(one, query)
      }),
      { numRuns: 40, seed: 20_26 },
    )
  })

  it('no point of the Pareto front is beaten by another, or by anything that is listed', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        const { candidates, pareto, feasible } = searchConfigurations({ ...query, search: 'exhaustive' })
        expect(pareto.length).toBeLessThanOrEqual(50)
        expect(pareto.length > 0).toBe(feasible)
        for (const point of pareto) {
          for (const other of [...pareto, ...candidates]) {
            const comparable = (one: Evaluated) => one.prediction.cost_usd_per_hour === null
            if (comparable(point) !== comparable(other)) continue
            expect(isBetter(paretoObjectives(other), paretoObjectives(point))).toBe(false)
          }
        }
        const costs = pareto.map(({ prediction }) => prediction.cost_usd_per_hour ?? 1e9)
        expect(costs).toEqual([...costs].sort((a, b) => a - b))
      }),
      { numRuns: 30, seed: 7 },
    )
  })

  it('the genetic search recommends what looking at everything does, or its equal, from a third of it', () => {
    let looked = 0
    let space = 0
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        const exhaustive = searchConfigurations({ ...query, search: 'exhaustive' })
        const genetic = searchConfigurations({ ...query, search: 'genetic' })
        expect(genetic.feasible).toBe(exhaustive.feasible)
        looked += genetic.evaluated
        space += genetic.space
        const figureOf = ({ candidates: [best] }: typeof genetic) => {
          if (!best) return 0
          const { cost_usd_per_hour: cost, gpus, e2e_ms: e2e, max_output_tokens_per_s: rate } = best.prediction
          return { cost: cost ?? gpus * 1e6, latency: e2e.value, throughput: 1 / rate.value }[query.objective]
        }
        // 2 % is a tie of ranking.
        expect(figureOf(genetic)).toBeLessThanOrEqual(figureOf(exhaustive) * 1.0201)
      }),
      { numRuns: 40, seed: 12 },
    )
    expect(looked / space).toBeLessThan(0.36)
  })

  it('accounts for everything it looked at, by either method', () => {
    fc.assert(
      fc.property(arbitraryQuery, fc.constantFrom('exhaustive' as const, 'genetic' as const), (query, method) => {
        const { candidates, rejected, searched } = searchConfigurations({ ...query, search: method })
        expect(candidates.length + rejected.reduce((sum, { count }) => sum + count, 0)).toBe(searched)
      }),
      { numRuns: 30, seed: 3 },
    )
  })

  it('answers the same to the same question, and genetically to the same seed', () => {
    const ask = (seed: number) => {
      const { elapsed_ms: _, ...answer } = search({ facts: LLAMA_8B, search: 'genetic', seed, objective: 'latency' })
      return answer
    }
    expect(ask(7)).toEqual(ask(7))
    expect(ask(7).method).toMatch(/^genetic \(seed 7\): [\d,]+ of [\d,]+ configurations, then /)
  })
})

describe('how sure limits are held', () => {
  const targets = { ttft_ms: 600, tokens_per_s_per_user: 30 }
  const predictor = withIntervals(0.7, 1.6)
  const at = (confidence?: number) => search({ targets, predictor, confidence })

  it('takes predictions as they are at 0.5, and asks more of them the surer it must be', () => {
    const plain = search({ targets })
    expect(at(0.5).candidates.map(({ deployment }) => deployment)).toEqual(
      search({ targets, confidence: 0.5 }).candidates.map(({ deployment }) => deployment),
    )
    expect(plain.candidates).toEqual(search({ targets, confidence: 0.95 }).candidates)
    const costs = [0.5, 0.8, 0.9, 0.97].map((sure) => at(sure).candidates[0]?.prediction.cost_usd_per_hour ?? 1e9)
    expect(costs).toEqual([...costs].sort((a, b) => a - b))
    expect(costs.at(-1)).toBeGreaterThan(costs[0] ?? 0)
  })

  it('says the confidence, the default too, where it made a difference', () => {
    expect(at().confidence).toBe(0.8)
    expect(at(0.9).candidates[0]?.why ?? at(0.9).nearest_misses[0]?.why).toContain('90 % confidence')
    const miss = search({ targets: { ttft_ms: 50 }, predictor, confidence: 0.9 }).nearest_misses[0]
    expect(miss?.why).toMatch(/would be \d+ ms with 90 % confidence \(\d+ ms predicted\); the limit is at most 50 ms/)
  })

  it('does not call a load served that capacity meets only perhaps', () => {
    const rateOf = (perS: number) => ({ workload: Workload.parse({ request_rate_per_s: perS }) })
    const rates = Array.from({ length: 12 }, (_, step) => 25 * 1.1 ** step)
    const most = rates.findLast((perS) => search({ ...rateOf(perS), predictor, confidence: 0.5 }).feasible)
    const rate = rateOf(most ?? 0)
    const sure = search({ ...rate, predictor, confidence: 0.95 })
    expect(sure.feasible).toBe(false)
    expect(sure.nearest_misses.map(({ why }) => why).join()).toContain('is not surely served')
  })
})
