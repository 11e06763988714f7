/**
 * The first predictor behind the port: step times from physics, waiting from queueing theory, nothing learnt. It states
 * no intervals: a trained predictor will.
 */
import type { Deployment, Estimate, GpuSpec, MemoryFit, ModelFacts, Prediction } from '@bud/kernel'
import { kvBytesPerElement } from '../domain/engine-defaults.ts'
import { createLayerCosts, type LayerCosts } from '../domain/layer-costs.ts'
import { memoryFitOf } from '../domain/memory-fit.ts'
import { type ModelShape, sequenceCacheBytes, toModelShape } from '../domain/model-shape.ts'
import { costPerHour, type PriceBook } from '../domain/price-book.ts'
import { loadOf, planService, type ReplicaService } from '../domain/replica-service.ts'
import { replicaTimesOf } from '../domain/step-model.ts'
import type { PredictionQuery, Predictor } from '../ports.ts'

const PREDICTOR_ID = 'physics-1'
const TOKENS_PER_MILLION = 1e6
const SECONDS_PER_HOUR = 3600

/** Layer costs are kept per model and layout: a search asks for the same few hundreds of times. */
export function createPhysicsPredictor({ prices }: { prices: PriceBook }): Predictor {
  const models = new WeakMap<ModelFacts, { shape: ModelShape; costs: Map<string, LayerCosts> }>()
  const modelOf = (facts: ModelFacts) => {
    const known = models.get(facts)
    if (known) return known
    const fresh = { shape: toModelShape(facts), costs: new Map<string, LayerCosts>() }
    models.set(facts, fresh)
    return fresh
  }
  return {
    id: PREDICTOR_ID,
    predict(query) {
      const { facts, deployment, gpu, workload } = query
      const { shape, costs } = modelOf(facts)
      const memory = memoryFitOf({ facts, deployment, gpu, workload }, shape)
      const layerCosts = cachedCosts(costs, facts, shape, gpu, deployment)
      const times = replicaTimesOf({ facts, gpu, deployment }, layerCosts, memory)
      const service = planService(times, loadOf(workload, deployment.replicas), {
        inputTokens: workload.input_tokens,
        cachedTokens: Math.floor(workload.input_tokens * workload.prefix_cache_share),
        outputTokens: workload.output_tokens,
        slots: slotsOf(query, shape, memory),
      })
      return toPrediction(query, memory, service, costPerHour(prices, gpu.id, gpusOf(deployment)))
    },
  }
}

/** Sequences decoded together at most: the engine's limit, or the cache at the mean length of a running sequence. */
function slotsOf({ facts, deployment, workload }: PredictionQuery, shape: ModelShape, memory: MemoryFit): number {
  const meanTokens = workload.input_tokens + workload.output_tokens / 2
  const { config } = deployment
  const perSequence = sequenceCacheBytes(
    facts,
    shape,
    {
      tensorParallelSize: config.tensor_parallel_size,
      pipelineParallelSize: config.pipeline_parallel_size,
      kvBytesPerElement: kvBytesPerElement(deployment, facts),
    },
    meanTokens,
  )
  return Math.max(Math.min(config.max_num_seqs, Math.floor(memory.kv_cache_bytes / perSequence)), 1)
}

function cachedCosts(
  known: Map<string, LayerCosts>,
  facts: ModelFacts,
  shape: ModelShape,
  gpu: GpuSpec,
  deployment: Deployment,
): LayerCosts {
  const layout = {
    tensorParallelSize: deployment.config.tensor_parallel_size,
    pipelineParallelSize: deployment.config.pipeline_parallel_size,
    kvBytesPerElement: kvBytesPerElement(deployment, facts),
  }
  const key = `${gpu.id} ${layout.tensorParallelSize} ${layout.pipelineParallelSize} ${layout.kvBytesPerElement}`
  let costs = known.get(key)
  if (!costs) {
    costs = createLayerCosts(facts, shape, gpu, layout)
    known.set(key, costs)
  }
  return costs
}

function toPrediction(
  { deployment }: PredictionQuery,
  memory: MemoryFit,
  service: ReplicaService,
  costUsdPerHour: number | null,
): Prediction {
  const tokensPerHour = service.outputTokensPerS * SECONDS_PER_HOUR
  return {
    predictor: PREDICTOR_ID,
    ttft_ms: point(service.ttftMs),
    ttft_ms_p99: point(service.ttftMsP99),
    tpot_ms: point(service.tpotMs),
    e2e_ms: point(service.e2eMs),
    e2e_ms_p99: point(service.e2eMsP99),
    output_tokens_per_s: point(service.outputTokensPerS),
    max_output_tokens_per_s: point(service.maxOutputTokensPerS),
    requests_per_s: point(service.requestsPerS),
    batch_per_replica: service.batch,
    saturated: service.saturated,
    memory,
    gpus: gpusOf(deployment),
    cost_usd_per_hour: costUsdPerHour,
    cost_usd_per_million_output_tokens:
      costUsdPerHour === null ? null : (costUsdPerHour / tokensPerHour) * TOKENS_PER_MILLION,
  }
}

const gpusOf = (deployment: Deployment): number => deployment.replicas * deployment.resources.gpu_count

const point = (value: number): Estimate => ({ value, low: null, high: null })
