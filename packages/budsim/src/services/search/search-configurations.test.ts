import { Candidate, RejectedGroup, Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { planPlacement } from '../../domain/plan-placement.ts'
import { DEEPSEEK_V3, DEMO_NODES, factsOf, gpuOf, gpus, LLAMA_8B, LLAMA_70B, prices } from '../../testing/fixtures.ts'
import { createPhysicsPredictor } from '../physics-predictor.ts'
import { searchConfigurations } from './search-configurations.ts'
import type { SearchQuery } from './search-types.ts'

const predictor = createPhysicsPredictor({ prices })

function search(query: Partial<SearchQuery>) {
  return searchConfigurations({
    facts: LLAMA_70B,
    workload: Workload.parse({ concurrency: 32 }),
    targets: {},
    objective: 'cost',
    nodes: DEMO_NODES,
    gpus,
    predictor,
    ...query,
  })
}

const codesOf = (groups: { reason: { code: string } }[]) => groups.map((group) => group.reason.code)

describe('searchConfigurations', () => {
  it('answers with at most 20 candidates in the vocabulary’s shape, one per layout', () => {
    const result = search({})
    expect(result.feasible).toBe(true)
    expect(result.method).toMatch(/^exhaustive, physics-1/)
    expect(result.candidates.length).toBeLessThanOrEqual(20)
    for (const candidate of result.candidates) Candidate.parse(candidate)
    for (const group of result.rejected) RejectedGroup.parse(group)
    const layouts = result.candidates.map(({ deployment: { runtime, resources, config } }) =>
      [runtime, resources.gpu_type, config.tensor_parallel_size, config.pipeline_parallel_size].join(' '),
    )
    expect(new Set(layouts).size).toBe(layouts.length)
  })

  it('recommends only what passes the check and has room', () => {
    for (const objective of ['cost', 'latency', 'throughput'] as const) {
      for (const { deployment } of search({ objective, facts: LLAMA_8B }).candidates) {
        const gpu = gpuOf(deployment.resources.gpu_type)
        expect(checkDeployment({ facts: LLAMA_8B, deployment, gpu }).blocking).toEqual([])
        const plan = planPlacement({
          nodes: DEMO_NODES.filter((node) => node.gpu_type === gpu.id),
          gpus_per_replica: deployment.resources.gpu_count,
          tensor_parallel_size: deployment.config.tensor_parallel_size,
          replicas: deployment.replicas,
        })
        expect(plan.reason).toBeUndefined()
      }
    }
  })

  it('puts the cheapest, the quickest or the strongest first, as asked', () => {
    const cost = search({ objective: 'cost' }).candidates
    const latency = search({ objective: 'latency' }).candidates
    const throughput = search({ objective: 'throughput' }).candidates
    const [cheapest, quickest, strongest] = [cost[0], latency[0], throughput[0]]
    for (const { prediction } of [...cost, ...latency, ...throughput]) {
      expect(cheapest?.prediction.cost_usd_per_hour).toBeLessThanOrEqual(
        prediction.cost_usd_per_hour ?? Number.POSITIVE_INFINITY,
      )
      expect(quickest?.prediction.e2e_ms.value).toBeLessThanOrEqual(prediction.e2e_ms.value * 1.03)
      expect(strongest?.prediction.max_output_tokens_per_s.value).toBeGreaterThanOrEqual(
        prediction.max_output_tokens_per_s.value * 0.97,
      )
    }
    expect(cheapest?.why).toMatch(/^Lowest cost: 1 × \(4 /)
  })

  it('holds latency limits at the 99th percentile and says so', () => {
    const targets = { ttft_ms: 1500, e2e_ms: 12_000, tokens_per_s: 500, tokens_per_s_per_user: 25 }
    const { candidates } = search({ targets })
    expect(candidates.length).toBeGreaterThan(0)
    for (const { prediction } of candidates) {
      expect(prediction.ttft_ms_p99.value).toBeLessThanOrEqual(1500)
      expect(prediction.e2e_ms_p99.value).toBeLessThanOrEqual(12_000)
      expect(prediction.output_tokens_per_s.value).toBeGreaterThanOrEqual(500)
      expect(1000 / prediction.tpot_ms.value).toBeGreaterThanOrEqual(25)
      expect(prediction.saturated).toBe(false)
    }
    expect(candidates[0]?.why).toMatch(/that holds every limit: .* first token p99 .* of 1500 ms/)
  })

  it('takes the fewest replicas that hold the load', () => {
    const targets = { ttft_ms: 1000 }
    const workload = Workload.parse({ request_rate_per_s: 40 })
    const best = search({ facts: LLAMA_8B, workload, targets }).candidates[0]
    if (!best) throw new Error('nothing found')
    expect(best.deployment.replicas).toBeGreaterThan(1)
    const fewer = { ...best.deployment, replicas: best.deployment.replicas - 1 }
    const prediction = predictor.predict({
      facts: LLAMA_8B,
      deployment: fewer,
      gpu: gpuOf(fewer.resources.gpu_type),
      workload,
    })
    expect(prediction.saturated || prediction.ttft_ms_p99.value > 1000).toBe(true)
  })

  it('keeps budgets per hour and per month of 730 hours', () => {
    const hourly = search({ facts: LLAMA_8B, targets: { budget_usd_per_hour: 4 } })
    for (const { prediction } of hourly.candidates) expect(prediction.cost_usd_per_hour).toBeLessThanOrEqual(4)
    const monthly = search({ facts: LLAMA_8B, targets: { budget_usd_per_month: 4 * 730 } })
    expect(monthly.candidates.map(({ deployment }) => deployment)).toEqual(
      hourly.candidates.map(({ deployment }) => deployment),
    )
  })

  it('leaves GPUs without a price out of budget searches, with that reason', () => {
    const { candidates, rejected } = search({ facts: LLAMA_8B, targets: { budget_usd_per_hour: 100 } })
    expect(candidates.every(({ deployment }) => deployment.resources.gpu_type !== 'L40S-48GB')).toBe(true)
    expect(rejected.find((group) => group.reason.code === 'price-unknown')?.example.resources.gpu_type).toBe(
      'L40S-48GB',
    )
  })

  it('still finds unpriced GPUs where no budget is asked for, after the priced ones', () => {
    const only = DEMO_NODES.filter((node) => node.gpu_type === 'L40S-48GB')
    const { candidates } = search({ facts: LLAMA_8B, nodes: only })
    expect(candidates[0]?.prediction.cost_usd_per_hour).toBeNull()
    expect(candidates[0]?.why).toContain('price unknown')
  })

  it('spends no more replicas for throughput than the budget pays', () => {
    const { candidates } = search({ facts: LLAMA_8B, objective: 'throughput', targets: { budget_usd_per_hour: 20 } })
    const costs = candidates.map(({ prediction }) => prediction.cost_usd_per_hour ?? Number.POSITIVE_INFINITY)
    expect(Math.max(...costs)).toBeLessThanOrEqual(20)
    expect(Math.max(...costs)).toBeGreaterThan(15)
  })

  it('groups what it turned down by reason, with a count and the closest example', () => {
    const { rejected, searched } = search({ targets: { ttft_ms: 800, budget_usd_per_hour: 20 } })
    expect(codesOf(rejected)).toEqual(
      expect.arrayContaining(['gpu-memory-exceeded', 'gpus-fragmented', 'price-unknown']),
    )
    const total = rejected.reduce((sum, group) => sum + group.count, 0)
    expect(total).toBeGreaterThan(0)
    expect(total).toBeLessThanOrEqual(searched)
    const counts = rejected.map((group) => group.count)
    expect(counts).toEqual([...counts].sort((a, b) => b - a))
  })

  it('shows the nearest misses when nothing holds, with what each misses and what would do', () => {
    const { feasible, candidates, nearest_misses: misses } = search({ targets: { ttft_ms: 50 } })
    expect(feasible).toBe(false)
    expect(candidates).toEqual([])
    expect(misses.length).toBeGreaterThan(0)
    expect(misses[0]?.why).toMatch(
      /Time to first token \(p99\) would be .* at most 50 ms .* A limit of .* would hold\./,
    )
  })

  it('names the replicas that a load beyond the cluster would need', () => {
    const { nearest_misses: misses } = search({ workload: Workload.parse({ request_rate_per_s: 100 }) })
    expect(misses[0]?.why).toMatch(/With \d+ replicas \(\d+ H100-SXM-80GB; 16 are free here\) it would hold\./)
  })

  it('names the GPUs a model needs that fits nowhere', () => {
    const { feasible, nearest_misses: misses } = search({ facts: DEEPSEEK_V3 })
    expect(feasible).toBe(false)
    expect(misses[0]?.why).toContain('It would fit on 16 H100-SXM-80GB per replica (TP 16)')
  })

  it('does not take scattered GPUs for a whole group', () => {
    const nodes = Array.from({ length: 8 }, (_, i) => ({ name: `n${i}`, gpu_type: 'H100-SXM-80GB', free: 1 }))
    const { feasible, rejected, nearest_misses: misses } = search({ nodes })
    expect(feasible).toBe(false)
    expect(codesOf(rejected)).toContain('gpus-fragmented')
    expect(misses.map((miss) => miss.why).join()).toContain('It would run with 4 H100-SXM-80GB free on one node.')
    const spanning = search({ nodes, pipeline_across_nodes: true })
    expect(spanning.candidates[0]?.deployment).toMatchObject({ runtime: 'vllm', config: { pipeline_parallel_size: 4 } })
  })

  it('takes the wanted throughput for the load where none is stated, and says what it assumed', () => {
    const wanted = search({ facts: LLAMA_8B, workload: Workload.parse({}), targets: { tokens_per_s: 2560 } })
    expect(wanted.method).toContain('10.00 requests/s')
    expect(wanted.candidates[0]?.prediction.requests_per_s.value).toBeCloseTo(10, 6)
    expect(search({ workload: Workload.parse({}) }).method).toContain('16 requests in flight assumed')
  })

  it('refuses a workload longer than the model’s context', () => {
    const facts = factsOf('meta-llama/Llama-2-7b-hf')
    const { rejected } = search({ facts, workload: Workload.parse({ input_tokens: 5000 }) })
    expect(codesOf(rejected)).toContain('workload-exceeds-context')
  })

  it('considers the engines it is given alone', () => {
    const { candidates } = search({ runtimes: ['sglang'] })
    expect(new Set(candidates.map(({ deployment }) => deployment.runtime))).toEqual(new Set(['sglang']))
  })

  it('answers the same to the same question', () => {
    const { elapsed_ms: _, ...first } = search({ targets: { ttft_ms: 900 } })
    const { elapsed_ms: __, ...second } = search({ targets: { ttft_ms: 900 } })
    expect(second).toEqual(first)
  })

  it('answers on an empty cluster', () => {
    expect(search({ nodes: [] })).toMatchObject({
      feasible: false,
      candidates: [],
      nearest_misses: [],
      rejected: [],
      searched: 0,
    })
  })
})
