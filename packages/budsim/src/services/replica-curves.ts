/**
 * Service curves of replicas, by the predictor of cases. A curve costs some tens of microseconds and is kept: batch
 * limits, numbers of replicas and loads of one replica are all read from it.
 */
import { type Bounds, intervalGroup, type Novelty } from '../domain/intervals/interval-model.ts'
import type { Target } from '../domain/physics/calibrated.ts'
import { firstTokenParts } from '../domain/physics/first-token-parts.ts'
import { ranksOf, type ServingCase } from '../domain/physics/serving-case.ts'
import { createServiceCurve, type ServiceCurve, type ServicePoint } from '../domain/service/service-curve.ts'
import type { TrainedModel } from '../domain/trained-model.ts'
import type { CasePrediction, CasePredictor } from './case-predictor.ts'

/** How far measurements lie from predictions: ln(measured ÷ predicted) at the ends of the 80 % interval. */
export interface Uncertainty {
  novelty: Novelty
  group: string
  bounds: Record<Target, Bounds>
  refined: CasePrediction['refined']
}

export interface MeasuredReplica {
  curve: ServiceCurve
  /** Cache memory of a GPU that it was measured with, and requests whose cache that holds. */
  kvCacheBytes: number
  cacheCapacity: number
  /** GPU time of one prompt on one rank, where others fill the step with it. */
  promptMs: number
  /** With so many in flight; requests that wait for a place are at least as uncertain as those that do not. */
  uncertaintyAt(inFlight: number, waiting: boolean): Uncertainty
}

/** Curves are kept for so many replicas at most. */
const MOST_KEPT = 2000
/** Physics takes an unstated limit for at least so many. */
const UNSTATED_MAX_NUM_SEQS = 1024
/** Sizes of the cache are told apart by 4 %: batch limits change them by less, and change nothing else here. */
const CACHE_STEPS_PER_DOUBLING = 16

export function createReplicaCurves(cases: CasePredictor, model: TrainedModel): (one: ServingCase) => MeasuredReplica {
  let known = new WeakMap<ServingCase['build']['facts'], Map<string, MeasuredReplica>>()
  let kept = 0
  return (given) => {
    const one = coarse(given)
    const { facts } = one.build
    let byKey = known.get(facts)
    if (!byKey || kept >= MOST_KEPT) {
      if (kept >= MOST_KEPT) {
        known = new WeakMap()
        kept = 0
      }
      byKey = new Map()
      known.set(facts, byKey)
    }
    const key = keyOf(one)
    let replica = byKey.get(key)
    if (!replica) {
      replica = measureReplica(one, cases, model)
      byKey.set(key, replica)
      kept++
    }
    return replica
  }
}

/** What a load that fits does not depend on is left out, so that all batch limits of one replica share a curve. */
function coarse(one: ServingCase): ServingCase {
  const doublings = Math.log2(Math.max(one.kvCacheBytes, 1))
  return {
    ...one,
    maxNumSeqs: one.maxNumSeqs !== null && one.maxNumSeqs > UNSTATED_MAX_NUM_SEQS ? one.maxNumSeqs : null,
    kvCacheBytes: 2 ** (Math.ceil(doublings * CACHE_STEPS_PER_DOUBLING) / CACHE_STEPS_PER_DOUBLING),
  }
}

function keyOf({ build, ...one }: ServingCase): string {
  const { gpu, engine, layout, formats } = build
  return [
    `${gpu.id} ${engine} ${one.engineVersion} ${layout.tensorParallel} ${layout.pipelineParallel} ${layout.dataParallel}`,
    `${layout.expertParallel} ${formats.attention} ${formats.dense} ${formats.experts} ${formats.kv} ${one.inputTokens}`,
    `${one.cachedTokens} ${one.outputTokens} ${one.outputVariance} ${one.maxNumBatchedTokens} ${one.maxNumSeqs} ${one.kvCacheBytes}`,
  ].join(' ')
}

function measureReplica(one: ServingCase, cases: CasePredictor, model: TrainedModel): MeasuredReplica {
  const known = new Map<number, CasePrediction>()
  const predictionAt = (load: number): CasePrediction => {
    let prediction = known.get(load)
    if (!prediction) {
      prediction = cases.predict({ ...one, concurrency: load })
      known.set(load, prediction)
    }
    return prediction
  }
  const { subject, times } = predictionAt(1).calibrated
  const ranks = ranksOf(one)
  const most = Math.max(subject.physics.capacity * ranks, 1)
  const promptMs = times.promptMs / one.build.layout.pipelineParallel
  return {
    curve: createServiceCurve({
      measure: (load) => toPoint(predictionAt(load), model),
      most,
      outputTokens: one.outputTokens,
      promptsPerMs: ranks / promptMs,
    }),
    kvCacheBytes: one.kvCacheBytes,
    cacheCapacity: subject.physics.cacheCapacity * ranks,
    promptMs,
    uncertaintyAt: (inFlight, waiting) =>
      uncertaintyOf(predictionAt(measuredBelow(Math.min(inFlight, most))), waiting, model),
  }
}

/** Curves are measured at powers of two. */
const measuredBelow = (load: number): number => 2 ** Math.floor(Math.log2(Math.max(load, 1)))

function toPoint({ calibrated, figures }: CasePrediction, model: TrainedModel): ServicePoint {
  const forms = model.calibration[calibrated.subject.head].ttft
  const { promptMs, contentionMs } = firstTokenParts(forms, calibrated.firstToken, figures.ttft)
  return { ttftMs: figures.ttft - contentionMs, promptMs, contentionMs, tpotMs: figures.tpot }
}

function uncertaintyOf(prediction: CasePrediction, waiting: boolean, model: TrainedModel): Uncertainty {
  const { novelty, intervalGroup: calm, figures, intervals, calibrated, refined } = prediction
  const group = waiting ? intervalGroup(calibrated.subject.head, true) : calm
  const wider = waiting ? model.intervals.bounds[group]?.[novelty] : undefined
  const of = (target: Target): Bounds => ({
    low: Math.min(Math.log(intervals[target].low / figures[target]), wider?.[target].low ?? 0),
    high: Math.max(Math.log(intervals[target].high / figures[target]), wider?.[target].high ?? 0),
  })
  return { novelty, group, bounds: { tpot: of('tpot'), ttft: of('ttft'), output: of('output') }, refined }
}
