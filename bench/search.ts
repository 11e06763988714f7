/**
 * The search of configurations on random questions: does the genetic search find what looking at everything finds,
 * how much does it look at, and how long does a whole search take, alone and beside AIConfigurator?
 */
import { createTrainedPredictor, type Predictor, type SearchResult, searchConfigurations } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { loadTrainedModel } from '@bud/budsim/adapters/trained-model'
import type { Objective } from '@bud/kernel'
import { compareWithPeer } from './aiconfigurator.ts'
import type { Bench, BenchResult } from './report.ts'
import { createRequests, type SearchRequest } from './search-requests.ts'

const REQUESTS = { full: 200, smoke: 20 }
const SEED = 2026
const MUST_MS = 2000
const MUST_AGREEMENT = 0.99
const MUST_SHARE = 0.3

type Method = 'exhaustive' | 'genetic' | 'auto'

export const run: Bench = async ({ smoke, require }) => {
  const { gpus, models, prices, kernels } = loadReferenceData()
  const model = loadTrainedModel()
  const create = () => createTrainedPredictor({ model, kernels, prices })
  const requests = createRequests(smoke ? REQUESTS.smoke : REQUESTS.full, SEED, models, gpus)
  const ask = ({ model: _, ...request }: SearchRequest, search: Method, predictor: Predictor) =>
    searchConfigurations({ ...request, gpus, predictor, search })
  const shared = create()
  const pairs = requests.map((request) => {
    const [exhaustive, genetic] = [ask(request, 'exhaustive', shared), ask(request, 'genetic', shared)]
    return { exhaustive, genetic, agrees: agree(exhaustive, genetic, request.objective) }
  })
  // Kernel tables are loaded by now, as they are in a server; what is remembered of a question is not.
  const msOf = (search: Method) => requests.map((request) => ask(request, search, create()).elapsed_ms)
  return {
    name: 'search',
    results: [
      ...agreementOf(pairs),
      ...timesOf('exhaustive search', msOf('exhaustive')),
      ...timesOf('genetic search', msOf('genetic')),
      ...timesOf('search as the product chooses it', msOf('auto')),
      ...(await compareWithPeer({ smoke, require, gpus, models, predictor: create })),
    ],
  }
}

interface Pair {
  exhaustive: SearchResult
  genetic: SearchResult
  agrees: boolean
}

function agreementOf(pairs: readonly Pair[]): BenchResult[] {
  const agreement = pairs.filter(({ agrees }) => agrees).length / pairs.length
  const sum = (of: (result: SearchResult) => number) => pairs.reduce((total, { genetic }) => total + of(genetic), 0)
  const looked = sum(({ evaluated }) => evaluated)
  const space = sum((result) => result.space)
  const share = looked / Math.max(space, 1)
  const feasible = pairs.filter(({ exhaustive }) => exhaustive.feasible).length
  const spaces = pairs.map(({ exhaustive }) => exhaustive.space)
  return [
    {
      what: `genetic search as good as exhaustive (${pairs.length} random questions, ${feasible} feasible)`,
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
    { what: 'configurations that could run (median)', unit: '', ours: quantile(spaces, 0.5) },
    { what: 'configurations that could run (most)', unit: '', ours: quantile(spaces, 1) },
  ]
}

function timesOf(what: string, ms: readonly number[]): BenchResult[] {
  const p95 = quantile(ms, 0.95)
  return [
    { what: `${what} (median)`, unit: 'ms', ours: quantile(ms, 0.5) },
    { what: `${what} (p95)`, unit: 'ms', ours: p95, must: '≤ 2000 ms', aim: '300 ms', meets: p95 <= MUST_MS },
  ]
}

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
