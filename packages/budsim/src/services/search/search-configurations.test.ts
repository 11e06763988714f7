import { Candidate, RejectedGroup, Workload } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { checkDeployment } from '../../domain/check-deployment.ts'
import { planPlacement } from '../../domain/plan-placement.ts'
import { DEEPSEEK_V3, DEMO_NODES, factsOf, gpuOf, gpus, LLAMA_8B, LLAMA_70B } from '../../testing/fixtures.ts'
import { physics as predictor } from '../../testing/search.ts'
import { searchConfigurations } from './search-configurations.ts'
import type { SearchQuery } from './search-types.ts'

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
    expect(result.method).toMatch(/^exhaustive: all [\d,]+ configurations that can run here, untrained/)
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
    expect(cheapest?.why).toMatch(/^Lowest cost of the priced GPUs: 1 × \(4 /)
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

  it('accounts for every configuration searched: listed, or in one group of those turned down', () => {
    const queries: Partial<SearchQuery>[] = [
      {},
      { facts: LLAMA_8B, objective: 'latency' },
      { facts: LLAMA_8B, objective: 'throughput', targets: { budget_usd_per_hour: 20 } },
      { targets: { ttft_ms: 800, budget_usd_per_hour: 20 } },
      { targets: { ttft_ms: 1 } },
      { facts: DEEPSEEK_V3 },
      { facts: factsOf('google/flan-t5-xl') },
    ]
    for (const query of queries) {
      const { candidates, rejected, searched } = search(query)
      const turnedDown = rejected.reduce((sum, group) => sum + group.count, 0)
      expect(candidates.length + turnedDown).toBe(searched)
      expect(searched).toBeGreaterThan(0)
    }
    expect(codesOf(search({ objective: 'latency' }).rejected)).toContain('outranked')
  })

  it('never starts a reason with a number, so that a count can stand before it', () => {
    const facts = [LLAMA_8B, LLAMA_70B, DEEPSEEK_V3, factsOf('google/flan-t5-xl'), { ...LLAMA_8B, attention_heads: 12 }]
    const rejected = facts.flatMap((one) => search({ facts: one, targets: { budget_usd_per_hour: 10 } }).rejected)
    for (const { reason } of rejected) expect(reason.message).toMatch(/^[A-Za-z]/)
    const messages = search({ facts: LLAMA_8B, targets: { ttft_ms: 1 } }).rejected.map(({ reason }) => reason.message)
    expect(new Set(messages).size).toBe(messages.length)
  })

  it('calls nothing a near miss that no cluster and no limit could run, and names all engines in one reason', () => {
    const full = DEMO_NODES.map((node) => ({ ...node, free: 0 }))
    for (const nodes of [DEMO_NODES, full]) {
      const result = search({ facts: factsOf('google/flan-t5-xl'), nodes })
      expect(result).toMatchObject({ feasible: false, candidates: [], nearest_misses: [] })
      expect(result.rejected).toHaveLength(1)
      expect(result.rejected[0]?.reason.message).toContain(
        'is an encoder-decoder; vllm, sglang and tensorrt-llm serve decoder-only models.',
      )
    }
  })

  it('says which GPUs it could not compare by cost, and that the lowest cost is of the others', () => {
    const { candidates, rejected } = search({ facts: LLAMA_8B })
    const group = rejected.find(({ reason }) => reason.code === 'price-unknown')
    expect(group?.reason).toMatchObject({
      message: 'L40S-48GB has no price in the price book: not compared by cost.',
      next_step: expect.stringContaining('data/prices.yaml'),
    })
    expect(candidates[0]?.why).toMatch(/^Lowest cost of the priced GPUs: /)
    const priced = search({ facts: LLAMA_8B, nodes: DEMO_NODES.filter(({ gpu_type: type }) => type !== 'L40S-48GB') })
    expect(codesOf(priced.rejected)).not.toContain('price-unknown')
    expect(priced.candidates[0]?.why).toMatch(/^Lowest cost: /)
  })

  it('names unpriced GPUs also where some of them are listed behind the priced ones', () => {
    const nodes = [
      { name: 'a', gpu_type: 'H100-SXM-80GB', free: 1 },
      { name: 'b', gpu_type: 'L40S-48GB', free: 1 },
    ]
    const { candidates, rejected } = search({ facts: LLAMA_8B, nodes })
    expect(candidates.map(({ deployment }) => deployment.resources.gpu_type)).toContain('L40S-48GB')
    expect(candidates[0]?.deployment.resources.gpu_type).toBe('H100-SXM-80GB')
    expect(codesOf(rejected)).toContain('price-unknown')
  })

  it('shows the nearest misses when nothing holds, with what each misses and what would do', () => {
    const { feasible, candidates, nearest_misses: misses } = search({ targets: { ttft_ms: 50 } })
    expect(feasible).toBe(false)
    expect(candidates).toEqual([])
    expect(misses.length).toBeGreaterThan(0)
    expect(misses[0]?.why).toMatch(
      /Time to first token \(p99\) would be .* at most 50 ms .* It would hold with a first token within .* instead of 50 ms/,
    )
  })

  it('names the replicas that a load beyond the cluster would need', () => {
    const { nearest_misses: misses } = search({ workload: Workload.parse({ request_rate_per_s: 100 }) })
    expect(misses[0]?.why).toMatch(
      /It would hold with .* requests\/s, or with \d+ more H100-SXM-80GB, \d together \(\d+ replicas in all\)/,
    )
  })

  it('names the GPUs a model needs that fits nowhere', () => {
    const { feasible, nearest_misses: misses } = search({ facts: DEEPSEEK_V3 })
    expect(feasible).toBe(false)
    expect(misses[0]?.why).toContain(
      'Does not fit on this cluster: needs 16 × H100-SXM-80GB (TP ≤ 8 in a node), the largest node has 8 free.',
    )
  })

  it('shows figures of what cannot be loaded only where nothing that can be is nearer', () => {
    for (const { prediction } of search({ facts: DEEPSEEK_V3 }).nearest_misses) {
      expect(prediction.memory.fits).toBe(true)
    }
    const small = [{ name: 'a', gpu_type: 'A100-SXM-80GB', free: 2 }]
    const { nearest_misses: misses, rejected } = search({ facts: DEEPSEEK_V3, nodes: small })
    expect(misses).toHaveLength(1)
    expect(misses[0]?.why).toMatch(
      /Does not fit on this cluster: needs \d+ × A100-SXM-80GB \(TP ≤ 8 in a node\), the largest node has 2 free\. It would hold with 16 more A100-SXM-80GB, 16 together \(1 replica in all\)\.$/,
    )
    expect(codesOf(rejected)).toContain('gpu-memory-exceeded')
    expect(misses.map(({ why }) => why).join()).not.toContain('target')
  })

  it('says on a full cluster what it would take', () => {
    const {
      searched,
      rejected,
      nearest_misses: misses,
    } = search({
      facts: LLAMA_8B,
      nodes: [{ name: 'a', gpu_type: 'H100-SXM-80GB', free: 0 }],
    })
    expect(searched).toBeGreaterThan(0)
    expect(codesOf(rejected)).toEqual(['not-enough-gpus'])
    expect(misses[0]?.why).toContain('needs 1 × H100-SXM-80GB (TP ≤ 8 in a node), the largest node has 0 free.')
  })

  it('does not take scattered GPUs for a whole group', () => {
    const nodes = Array.from({ length: 8 }, (_, i) => ({ name: `n${i}`, gpu_type: 'H100-SXM-80GB', free: 1 }))
    const { feasible, rejected, nearest_misses: misses } = search({ nodes })
    expect(feasible).toBe(false)
    expect(codesOf(rejected)).toContain('gpus-fragmented')
    expect(misses.map((miss) => miss.why).join()).toContain(
      'needs 4 × H100-SXM-80GB (TP ≤ 8 in a node), the largest node has 1 free.',
    )
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
