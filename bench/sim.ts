/** How long budsim thinks: one prediction, and one whole search of the demo cluster. */
import { createTrainedPredictor, type PredictionQuery, type SearchQuery, searchConfigurations } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { loadTrainedModel } from '@bud/budsim/adapters/trained-model'
import { Deployment, type ModelFacts, Workload } from '@bud/kernel'
import type { Bench } from './report.ts'

const MUST_PREDICTION_US = 500
const MUST_SEARCH_MS = 2000
const MODEL = 'meta-llama/Llama-3.1-70B-Instruct'

export const run: Bench = async ({ smoke }) => {
  const { gpus, models, prices, kernels } = loadReferenceData()
  const facts = models.find((model) => model.name === MODEL)?.facts
  if (!facts) throw new Error(`${MODEL} is not in the catalogue`)
  const model = loadTrainedModel()
  const create = () => createTrainedPredictor({ model, kernels, prices })
  const predictor = create()
  const closed = predictionQuery(facts, gpus)
  const open = { ...closed, workload: Workload.parse({ request_rate_per_s: 2 }) }
  const rounds = smoke ? 20 : 200
  const usOf = (work: (call: number) => unknown) => medianOf(rounds, 100, work) * 1000
  const search: SearchQuery = {
    facts,
    workload: Workload.parse({ request_rate_per_s: 4 }),
    targets: { ttft_ms: 2000, budget_usd_per_hour: 40 },
    objective: 'cost',
    nodes: demoNodes(),
    gpus,
    predictor,
  }
  const prediction = (what: string, ours: number) => ({
    what,
    ours,
    unit: 'µs',
    must: '≤ 500 µs',
    aim: '50 µs',
    meets: ours <= MUST_PREDICTION_US,
  })
  const whole = (what: string, ours: number) => ({
    what,
    ours,
    unit: 'ms',
    must: '≤ 2000 ms',
    aim: '300 ms',
    meets: ours <= MUST_SEARCH_MS,
  })
  return {
    name: 'sim',
    results: [
      prediction(
        'first prediction of a replica (median)',
        usOf((call) => predictor.predict(withStepTokens(closed, 4096 + call))),
      ),
      prediction(
        'prediction of a known replica, fixed concurrency (median)',
        usOf((call) => predictor.predict(withReplicas(closed, 1 + (call % 50)))),
      ),
      prediction(
        'prediction of a known replica, request rate (median)',
        usOf((call) => predictor.predict(withReplicas(open, 1 + (call % 50)))),
      ),
      whole(
        `first search of the demo cluster, ${MODEL}`,
        medianOf(1, 1, () => searchConfigurations({ ...search, predictor: create() })),
      ),
      whole(
        `search of the demo cluster, ${MODEL} (median)`,
        medianOf(smoke ? 3 : 20, 1, () => searchConfigurations(search)),
      ),
    ],
  }
}

const withReplicas = (query: PredictionQuery, replicas: number): PredictionQuery => ({
  ...query,
  deployment: { ...query.deployment, replicas },
})

/** Another token budget is another replica: nothing is known of it yet. */
const withStepTokens = (query: PredictionQuery, tokens: number): PredictionQuery => ({
  ...query,
  deployment: {
    ...query.deployment,
    config: { ...query.deployment.config, max_num_batched_tokens: tokens },
  },
})

function predictionQuery(facts: ModelFacts, gpus: SearchQuery['gpus']): PredictionQuery {
  const gpu = gpus.find(({ id }) => id === 'A100-SXM-80GB')
  if (!gpu) throw new Error('A100-SXM-80GB is not in the catalogue')
  const deployment = Deployment.parse({
    runtime: 'vllm',
    config: { tensor_parallel_size: 4, max_model_len: 8192 },
    replicas: 2,
    resources: { gpu_type: gpu.id, gpu_count: 4 },
  })
  return { facts, gpu, deployment, workload: Workload.parse({ concurrency: 64 }) }
}

/** Two nodes of 8 H100, two of 4 A100, one of 8 L40S. */
const demoNodes = (): SearchQuery['nodes'] => [
  { name: 'h100-1', gpu_type: 'H100-SXM-80GB', free: 8 },
  { name: 'h100-2', gpu_type: 'H100-SXM-80GB', free: 8 },
  { name: 'a100-1', gpu_type: 'A100-SXM-80GB', free: 4 },
  { name: 'a100-2', gpu_type: 'A100-SXM-80GB', free: 4 },
  { name: 'l40s-1', gpu_type: 'L40S-48GB', free: 8 },
]

/** Milliseconds per call: the median of `rounds` means over `calls`. */
function medianOf(rounds: number, calls: number, work: (call: number) => unknown): number {
  const times = Array.from({ length: rounds }, (_, round) => {
    const started = performance.now()
    for (let i = 0; i < calls; i++) work(round * calls + i)
    return (performance.now() - started) / calls
  }).sort((a, b) => a - b)
  return times[Math.floor(times.length / 2)] ?? Number.NaN
}
