/** How long budsim thinks: one prediction, and one whole search of the demo cluster. */
import { createPhysicsPredictor, type PredictionQuery, type SearchQuery, searchConfigurations } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { Deployment, type ModelFacts, Workload } from '@bud/kernel'
import type { Bench } from './report.ts'

const MUST_PREDICTION_US = 500
const MUST_SEARCH_MS = 200
const MODEL = 'meta-llama/Llama-3.1-70B-Instruct'

export const run: Bench = async ({ smoke }) => {
  const { gpus, models, prices } = loadReferenceData()
  const facts = models.find((model) => model.name === MODEL)?.facts
  if (!facts) throw new Error(`${MODEL} is not in the catalogue`)
  const predictor = createPhysicsPredictor({ prices })
  const query = predictionQuery(facts, gpus)
  const predictionUs = medianOf(smoke ? 20 : 200, 100, () => predictor.predict(query)) * 1000
  const open = { ...query, workload: Workload.parse({ request_rate_per_s: 2 }) }
  const openUs = medianOf(smoke ? 20 : 200, 100, () => predictor.predict(open)) * 1000
  const search: SearchQuery = {
    facts,
    workload: Workload.parse({ request_rate_per_s: 4 }),
    targets: { ttft_ms: 2000, budget_usd_per_hour: 40 },
    objective: 'cost',
    nodes: demoNodes(),
    gpus,
    predictor,
  }
  const coldMs = medianOf(1, 1, () =>
    searchConfigurations({ ...search, predictor: createPhysicsPredictor({ prices }) }),
  )
  const searchMs = medianOf(smoke ? 3 : 20, 1, () => searchConfigurations(search))
  const prediction = { unit: 'µs', must: '≤ 500 µs', aim: '20 µs' }
  const whole = { unit: 'ms', must: '≤ 200 ms', aim: '50 ms' }
  return {
    name: 'sim',
    results: [
      {
        what: 'one prediction, fixed concurrency (median)',
        ours: predictionUs,
        ...prediction,
        meets: predictionUs <= MUST_PREDICTION_US,
      },
      {
        what: 'one prediction, request rate (median)',
        ours: openUs,
        ...prediction,
        meets: openUs <= MUST_PREDICTION_US,
      },
      { what: `first search of the demo cluster, ${MODEL}`, ours: coldMs, ...whole, meets: coldMs <= MUST_SEARCH_MS },
      {
        what: `search of the demo cluster, ${MODEL} (median)`,
        ours: searchMs,
        ...whole,
        meets: searchMs <= MUST_SEARCH_MS,
      },
    ],
  }
}

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
function medianOf(rounds: number, calls: number, work: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now()
    for (let i = 0; i < calls; i++) work()
    return (performance.now() - started) / calls
  }).sort((a, b) => a - b)
  return times[Math.floor(times.length / 2)] ?? Number.NaN
}
