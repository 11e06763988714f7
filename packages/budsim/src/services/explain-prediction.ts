/** Why a deployment is predicted as it is: every figure taken apart into what it is made of. */
import type { Evidence, MemoryFit } from '@bud/kernel'
import type { Bounds } from '../domain/intervals/interval-model.ts'
import type { KernelModel } from '../domain/kernels/kernel-model.ts'
import { TARGETS, type Target } from '../domain/physics/calibrated.ts'
import type { PassParts } from '../domain/physics/replica-passes.ts'
import { stepParts } from '../domain/physics/step-parts.ts'
import type { Refinement } from '../domain/refinement/refine.ts'
import { loadOf, planService, type ReplicaService } from '../domain/service/replica-service.ts'
import { meanWaitMs } from '../domain/service/waiting.ts'
import type { TrainedModel } from '../domain/trained-model.ts'
import type { PredictionQuery } from '../ports.ts'
import { type BindingResource, bindingResources } from './binding-resources.ts'
import { type CasePrediction, createCasePredictor } from './case-predictor.ts'
import { createRefinedPredictor } from './refined-predictor.ts'
import { createReplicaPlans, type PlannedReplica } from './trained-predictor.ts'

/** Figures are of one replica. */
export interface PredictionExplanation {
  predictor: string
  load: {
    requests_in_flight: number
    places: number
    limited_by: 'max_num_seqs' | 'kv_cache'
    requests_per_s: number
    max_requests_per_s: number
    utilisation: number
    saturated: boolean
  }
  /** Time per output token by calibrated physics: the parts add up to `physics_ms`, times the corrections to `tpot_ms`. */
  token: Record<`${keyof PassParts | 'host' | 'interference'}_ms`, number> & {
    sequences_per_rank: number
    context_tokens: number
    physics_ms: number
    tpot_ms: number
  }
  /** The parts add up to `ttft_ms`. */
  first_token: {
    prompt_ms: number
    step_and_request_ms: number
    other_prompts_ms: number
    place_wait_ms: number
    ttft_ms: number
    /** Kernels of one prompt alone, before calibration; prompts that share one step. */
    kernels: Record<`${keyof PassParts}_ms`, number>
    prompts_per_step: number
  }
  /** What was learnt beyond physics, as factors on it. */
  corrections: Record<'tpot' | 'ttft', { trees: number; refinement: number }>
  /** 80 % intervals as factors on the figure. */
  interval: Pick<Evidence, 'novelty' | 'interval_group'> & Record<Target, Bounds>
  memory: MemoryFit
  binds: BindingResource[]
}

export interface ExplanationParts {
  model: TrainedModel
  kernels: KernelModel
  refinement?: Refinement | null
}

export function explainPrediction(parts: ExplanationParts, query: PredictionQuery): PredictionExplanation {
  const { model, kernels, refinement } = parts
  const base = createCasePredictor(model, kernels)
  const cases = refinement ? createRefinedPredictor(base, refinement) : base
  const planned = createReplicaPlans(cases, model)(query)
  const service = planService(planned.replica, loadOf(query.workload, query.deployment.replicas))
  const here = { ...planned.one, maxNumSeqs: null, concurrency: Math.max(service.batch, 1) }
  const [plain, refined] = [base.predict(here), cases.predict(here)]
  const { subject } = plain.calibrated
  const token = stepParts(model.calibration[subject.head].step, subject)
  const { novelty, group, bounds } = planned.measured.uncertaintyAt(service.batch, service.saturated)
  const factors = Object.fromEntries(
    TARGETS.map((target) => [target, { low: Math.exp(bounds[target].low), high: Math.exp(bounds[target].high) }]),
  ) as Record<Target, Bounds>
  return {
    predictor: model.id,
    load: loadIn(planned, query, service),
    token: {
      ...inMs(token),
      host_ms: token.host,
      interference_ms: token.interference,
      sequences_per_rank: subject.physics.batch,
      context_tokens: subject.physics.contextTokens,
      physics_ms: Object.values(token).reduce((sum, ms) => sum + ms, 0),
      tpot_ms: service.point.tpotMs,
    },
    first_token: firstTokenIn(service, plain),
    corrections: { tpot: correctionOf('tpot', plain, refined), ttft: correctionOf('ttft', plain, refined) },
    interval: { novelty, interval_group: group, ...factors },
    memory: planned.memory,
    binds: bindingResources(here.build, subject.physics, token),
  }
}

function loadIn({ replica }: PlannedReplica, { deployment }: PredictionQuery, service: ReplicaService) {
  return {
    requests_in_flight: service.batch,
    places: replica.slots,
    limited_by: replica.slots < deployment.config.max_num_seqs ? ('kv_cache' as const) : ('max_num_seqs' as const),
    requests_per_s: service.requestsPerMs * 1e3,
    max_requests_per_s: service.maxRequestsPerMs * 1e3,
    utilisation: service.requestsPerMs / service.maxRequestsPerMs,
    saturated: service.saturated,
  }
}

function firstTokenIn(service: ReplicaService, { calibrated }: CasePrediction): PredictionExplanation['first_token'] {
  const { physics } = calibrated.subject
  return {
    prompt_ms: service.point.promptMs,
    step_and_request_ms: service.point.ttftMs - service.point.promptMs,
    other_prompts_ms: service.promptWaitMs,
    place_wait_ms: service.evenWaitMs + meanWaitMs(service.slotWait),
    ttft_ms: service.ttftMs,
    kernels: inMs(physics.prefillParts),
    prompts_per_step: physics.promptsPerStep,
  }
}

const correctionOf = (figure: 'tpot' | 'ttft', plain: CasePrediction, refined: CasePrediction) => ({
  trees: plain.figures[figure] / plain.calibrated.figures[figure],
  refinement: refined.figures[figure] / plain.figures[figure],
})

const inMs = (parts: PassParts): Record<`${keyof PassParts}_ms`, number> => ({
  gemm_ms: parts.gemm,
  attention_ms: parts.attention,
  experts_ms: parts.experts,
  collective_ms: parts.collective,
  elementwise_ms: parts.elementwise,
})
