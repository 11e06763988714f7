/**
 * The search of configurations on random questions: does the genetic search find what looking at everything finds,
 * how much does it look at, and how long does the whole search take?
 */
import { createTrainedPredictor, type SearchResult, searchConfigurations } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { loadTrainedModel } from '@bud/budsim/adapters/trained-model'
import type { Objective } from '@bud/kernel'
import type { Bench } from './report.ts'
import { createRequests, type SearchRequest } from './search-requests.ts'

const REQUESTS = { full: 200, smoke: 20 }
const SEED = 2026
const MUST_MS = 2000
const MUST_AGREEMENT = 0.99
const MUST_SHARE = 0.3

export const run: Bench = async ({ smoke }) => {
  const { gpus, models, prices, kernels } = loadReferenceData()
  const predictor = createTrainedPredictor({ model: loadTrainedModel(), kernels, prices })
  const requests = createRequests(smoke ? REQUESTS.smoke : REQUESTS.full, SEED, models, gpus)
  const runs = requests.map((request) => {
    const ask = (search: 'exhaustive' | 'genetic' | 'auto') =>
      searchConfigurations({ ...toQuery(request), gpus, predictor, search })
    const [auto, exhaustive, genetic] = [ask('auto'), ask('exhaustive'), ask('genetic')]
    return { auto, exhaustive, genetic, agrees: agree(exhaustive, genetic, request.objective) }
  })
  const agreement = runs.filter(({ agrees }) => agrees).length / runs.length
  const sum = (of: (one: (typeof runs)[number]) => number) => runs.reduce((total, one) => total + of(one), 0)
  const share =
    sum(({ genetic }) => genetic.evaluated) /
    Math.max(
      sum(({ genetic }) => genetic.space),
      1,
    )
  const wholeMs = runs.map(({ exhaustive }) => exhaustive.elapsed_ms)
  const autoMs = runs.map(({ auto }) => auto.elapsed_ms)
  const feasible = runs.filter(({ exhaustive }) => exhaustive.feasible).length
  const questions = `${runs.length} random questions, ${feasible} feasible`
  return {
    name: 'search',
    results: [
      {
        what: `genetic search as good as exhaustive (${questions})`,
        unit: '% of questions',
        ours: agreement * 100,
        must: '≥ 99 %',
        meets: agreement >= MUST_AGREEMENT,
      },
      {
        what: 'share of the configurations that the genetic search looks at',
        unit: '%',
        ours: share * 100,
        must: '≤ 30 %',
        meets: share <= MUST_SHARE,
      },
      {
        what: 'configurations that could run (median)',
        unit: '',
        ours: quantile(
          runs.map(({ exhaustive }) => exhaustive.space),
          0.5,
        ),
      },
      { what: 'exhaustive search (median)', unit: 'ms', ours: quantile(wholeMs, 0.5) },
      {
        what: 'exhaustive search (p95)',
        unit: 'ms',
        ours: quantile(wholeMs, 0.95),
        must: '≤ 2000 ms',
        aim: '300 ms',
        meets: quantile(wholeMs, 0.95) <= MUST_MS,
      },
      {
        what: 'search as the product chooses it (p95)',
        unit: 'ms',
        ours: quantile(autoMs, 0.95),
        must: '≤ 2000 ms',
        aim: '300 ms',
        meets: quantile(autoMs, 0.95) <= MUST_MS,
      },
    ],
  }
}

const toQuery = ({ model: _, ...request }: SearchRequest) => request

/** The recommended configuration is no worse in what was asked for. */
function agree(exhaustive: SearchResult, genetic: SearchResult, objective: Objective): boolean {
  const [best, found] = [exhaustive.candidates[0], genetic.candidates[0]]
  if (!best || !found) return best === found
  return badnessOf(found.prediction, objective) <= badnessOf(best.prediction, objective) * (1 + 1e-9)
}

function badnessOf(prediction: SearchResult['candidates'][number]['prediction'], objective: Objective): number {
  switch (objective) {
    case 'cost':
      return prediction.cost_usd_per_hour ?? prediction.gpus * 1e6
    case 'latency':
      return prediction.e2e_ms.value
    case 'throughput':
      return 1 / prediction.max_output_tokens_per_s.value
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN
}
