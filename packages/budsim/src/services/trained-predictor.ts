/**
 * Deployments under a load, by what was learnt from measured rows. One replica is measured as a curve over the requests
 * in flight (replica-curves.ts); the load makes of it batch, waiting and throughput (domain/service); memory and money
 * stand beside it. How intervals of derived figures are made: packages/budsim/README.md.
 */
import type { Deployment, MemoryFit } from '@bud/kernel'
import type { KernelModel } from '../domain/kernels/kernel-model.ts'
import { estimateMemory } from '../domain/memory-fit.ts'
import type { ServingCase } from '../domain/physics/serving-case.ts'
import { costPerHour, type PriceBook } from '../domain/price-book.ts'
import type { Refinement } from '../domain/refinement/refine.ts'
import { dataParallelOf } from '../domain/replica-layout.ts'
import { loadOf, planService, type Replica } from '../domain/service/replica-service.ts'
import type { TrainedModel } from '../domain/trained-model.ts'
import type { PredictionQuery, Predictor } from '../ports.ts'
import { type CasePredictor, createCasePredictor } from './case-predictor.ts'
import { replicaCaseOf } from './deployment-case.ts'
import { createRefinedPredictor } from './refined-predictor.ts'
import { createReplicaCurves, type MeasuredReplica } from './replica-curves.ts'
import { estimatesOf } from './service-estimates.ts'

export interface TrainedPredictorParts {
  model: TrainedModel
  kernels: KernelModel
  prices: PriceBook
  /** Asked at every prediction: another version holds from the next one on. Default: none. */
  refinement?: () => Refinement | null
}

/** What a deployment's replica comes to under requests of one shape, whatever the load and the number of replicas. */
export interface PlannedReplica {
  one: ServingCase
  memory: MemoryFit
  measured: MeasuredReplica
  replica: Replica
}

const TOKENS_PER_MILLION = 1e6
const SECONDS_PER_HOUR = 3600

export function createTrainedPredictor(parts: TrainedPredictorParts): Predictor {
  const { model, kernels, prices, refinement = () => null } = parts
  const base = createCasePredictor(model, kernels)
  const plansUnder = (version: Refinement | null) =>
    rememberPlans(createReplicaPlans(version ? createRefinedPredictor(base, version) : base, model))
  let current = refinement()
  let planOf = plansUnder(current)
  return {
    id: model.id,
    predict(query) {
      const newest = refinement()
      if (newest !== current) {
        current = newest
        planOf = plansUnder(newest)
      }
      const { deployment, workload } = query
      const { replicas } = deployment
      const { memory, measured, replica } = planOf(query)
      const load = loadOf(workload, replicas)
      const service = planService(replica, load)
      const { bounds, novelty, group, refined } = measured.uncertaintyAt(service.batch, service.saturated)
      const estimates = estimatesOf({ replica, load, workload, service, bounds, replicas })
      const gpus = replicas * deployment.resources.gpu_count
      const hourly = costPerHour(prices, query.gpu.id, gpus)
      return {
        predictor: model.id,
        ...estimates,
        evidence: {
          novelty,
          interval_group: group,
          observations: refined?.observations ?? 0,
          refinement: refined?.id ?? null,
        },
        batch_per_replica: Math.max(service.batch, 1),
        saturated: service.saturated,
        memory,
        gpus,
        cost_usd_per_hour: hourly,
        cost_usd_per_million_output_tokens:
          hourly === null
            ? null
            : (hourly / (estimates.output_tokens_per_s.value * SECONDS_PER_HOUR)) * TOKENS_PER_MILLION,
      }
    },
  }
}

export type ReplicaPlans = (query: PredictionQuery) => PlannedReplica

export function createReplicaPlans(cases: CasePredictor, model: TrainedModel): ReplicaPlans {
  const measure = createReplicaCurves(cases, model)
  return (query) => {
    const { deployment, workload } = query
    const memory = estimateMemory(query)
    const one = replicaCaseOf({ ...query, memory })
    const measured = measure(one)
    const ranks = dataParallelOf(deployment.config)
    // The curve's cache is rounded up: places are counted by the exact one.
    const cached = measured.cacheCapacity * (one.kvCacheBytes / measured.kvCacheBytes)
    const slots = Math.max(Math.floor(Math.min(deployment.config.max_num_seqs, cached)), 1)
    return {
      one,
      memory,
      measured,
      replica: {
        curve: measured.curve,
        slots,
        ranks,
        promptMs: measured.promptMs,
        outputTokens: workload.output_tokens,
        inputVariance: (workload.input_tokens_cv ?? 0) ** 2,
        outputVariance: (workload.output_tokens_cv ?? 0) ** 2,
      },
    }
  }
}

/**
 * A search asks for one configuration under many numbers of replicas and loads: what they share is kept as long as the
 * configuration object is, and used while it is asked about the same model, GPU and requests.
 */
function rememberPlans(plan: ReplicaPlans): ReplicaPlans {
  const known = new WeakMap<Deployment['config'], { query: PredictionQuery; planned: PlannedReplica }>()
  return (query) => {
    const { config } = query.deployment
    const last = known.get(config)
    if (last && isSameReplica(last.query, query)) return last.planned
    const planned = plan(query)
    known.set(config, { query, planned })
    return planned
  }
}

function isSameReplica(a: PredictionQuery, b: PredictionQuery): boolean {
  return (
    a.facts === b.facts &&
    a.gpu === b.gpu &&
    a.deployment.runtime === b.deployment.runtime &&
    a.deployment.runtime_version === b.deployment.runtime_version &&
    (a.workload === b.workload ||
      (a.workload.input_tokens === b.workload.input_tokens &&
        a.workload.output_tokens === b.workload.output_tokens &&
        a.workload.prefix_cache_share === b.workload.prefix_cache_share &&
        a.workload.input_tokens_cv === b.workload.input_tokens_cv &&
        a.workload.output_tokens_cv === b.workload.output_tokens_cv))
  )
}
