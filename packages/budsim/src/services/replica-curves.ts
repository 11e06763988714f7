/**
 * Service curves of replicas, by the predictor of cases. Physics is asked at every power of two of requests in flight,
 * the trees at every power of four: they are the dear part, and what they say of neighbouring loads differs little.
 */
import { type Bounds, intervalGroup, type Novelty } from '../domain/intervals/interval-model.ts'
import type { CalibratedCase, Target } from '../domain/physics/calibrated.ts'
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
    `${one.cachedTokens} ${one.outputTokens} ${one.maxNumBatchedTokens} ${one.maxNumSeqs} ${one.kvCacheBytes}`,
  ].join(' ')
}

/** What the trees, and live observations, make of physics at one load. */
interface Learnt {
  prediction: CasePrediction
  tpotFactor: number
  ttftFactor: number
}

function measureReplica(one: ServingCase, cases: CasePredictor, model: TrainedModel): MeasuredReplica {
  const known = new Map<number, Learnt>()
  const learntAt = (load: number): Learnt => {
    let learnt = known.get(load)
    if (!learnt) {
      learnt = learn(cases.predict({ ...one, concurrency: load }))
      known.set(load, learnt)
    }
    return learnt
  }
  const { subject, times } = learntAt(1).prediction.calibrated
  const ranks = ranksOf(one)
  const most = Math.max(subject.physics.capacity * ranks, 1)
  const promptMs = times.promptMs / one.build.layout.pipelineParallel
  const measure = (load: number): ServicePoint => {
    if (!isBetween(load) || load * 2 > most) {
      const learnt = learntAt(load)
      return toPoint(learnt.prediction.calibrated, learnt.ttftFactor, learnt.tpotFactor, model)
    }
    const [low, high] = [learntAt(load / 2), learntAt(load * 2)]
    const ttftFactor = Math.sqrt(low.ttftFactor * high.ttftFactor)
    const tpotFactor = Math.sqrt(low.tpotFactor * high.tpotFactor)
    return toPoint(cases.calibrate({ ...one, concurrency: load }), ttftFactor, tpotFactor, model)
  }
  return {
    curve: createServiceCurve({ measure, most, outputTokens: one.outputTokens, promptsPerMs: ranks / promptMs }),
    kvCacheBytes: one.kvCacheBytes,
    cacheCapacity: subject.physics.cacheCapacity * ranks,
    promptMs,
    uncertaintyAt: (inFlight, waiting) =>
      uncertaintyOf(learntAt(askedBelow(Math.min(inFlight, most))).prediction, waiting, model),
  }
}

/** Odd powers of two: the trees are asked on either side. */
const isBetween = (load: number): boolean => Math.log2(load) % 2 === 1

/** The power of four at or below. */
const askedBelow = (load: number): number => 4 ** Math.floor(Math.log2(Math.max(load, 1)) / 2)

const learn = (prediction: CasePrediction): Learnt => ({
  prediction,
  tpotFactor: prediction.figures.tpot / prediction.calibrated.figures.tpot,
  ttftFactor: prediction.figures.ttft / prediction.calibrated.figures.ttft,
})

function toPoint(
  { figures, firstToken, subject }: CalibratedCase,
  ttftFactor: number,
  tpotFactor: number,
  model: TrainedModel,
): ServicePoint {
  const ttftMs = figures.ttft * ttftFactor
  const { promptMs, contentionMs } = firstTokenParts(model.calibration[subject.head].ttft, firstToken, ttftMs)
  return { ttftMs: ttftMs - contentionMs, promptMs, contentionMs, tpotMs: figures.tpot * tpotFactor }
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
