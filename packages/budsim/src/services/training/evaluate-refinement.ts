/**
 * What a few observations gain: in every group of one model, GPU, engine, precision and scenario with enough rows, some
 * rows drawn at random refine the predictions of the others, which a model made that never saw the architecture or GPU.
 */
import { mean, median } from '../../domain/averages.ts'
import type { Bounds, IntervalModel } from '../../domain/intervals/interval-model.ts'
import { intervalGroup } from '../../domain/intervals/interval-model.ts'
import { type Figures, TARGETS, type Target } from '../../domain/physics/calibrated.ts'
import { applyRefinement, type Refinable } from '../../domain/refinement/apply-refinement.ts'
import { type Observation, placeOf, residualsOf } from '../../domain/refinement/observation.ts'
import { refine } from '../../domain/refinement/refine.ts'
import { createSeededRandom } from '../../domain/trees/seeded-random.ts'
import type { LeftOutPrediction } from './cross-validate.ts'
import type { Folding } from './folds.ts'

export interface RefinementGain {
  observations: number
  /** Rows judged, over all draws. */
  rows: number
  errors: Record<Target, { rows: number; mean_percent: number; median_percent: number; covered_percent: number } | null>
}

export interface RefinementEvaluation {
  predictions: readonly LeftOutPrediction[]
  /** What was left out: it is new to the predictor. Rows left out at random are of models and GPUs it knows. */
  leftOut: Folding | 'random'
  bounds: IntervalModel['bounds']
  /** How many observations of each group are given; 0 = none. Default 0, 1, 3, 10. */
  counts?: readonly number[]
  draws?: number
  seed?: number
}

const LEAST_ROWS = 12
const NOVELTY = { architecture: 'new-model', gpu: 'new-gpu', random: 'measured' } as const

interface Candidate extends LeftOutPrediction {
  plain: Refinable
  observation: Observation
}

interface Judgement {
  error: number
  covered: boolean
}

export function evaluateRefinement(evaluation: RefinementEvaluation): RefinementGain[] {
  const { counts = [0, 1, 3, 10], draws = 10, seed = 1 } = evaluation
  const groups = Map.groupBy(
    evaluation.predictions.map((one) => toCandidate(one, evaluation)),
    ({ row: { from, case: one } }) =>
      `${from.row.model} ${one.build.gpu.id} ${one.build.engine} ${from.row.precision} ${one.scenario}`,
  )
  const large = [...groups.values()].filter((group) => group.length >= LEAST_ROWS)
  return counts.map((count) => {
    const random = createSeededRandom(seed)
    const judged: Record<Target, Judgement[]> = { tpot: [], ttft: [], output: [] }
    for (let draw = 0; draw < (count === 0 ? 1 : draws); draw++) {
      for (const group of large) judgeDraw(group, count, random, judged)
    }
    const errors = Object.fromEntries(TARGETS.map((target) => [target, summary(judged[target])]))
    const rows = Math.max(...TARGETS.map((target) => judged[target].length))
    return { observations: count, rows, errors: errors as RefinementGain['errors'] }
  })
}

function toCandidate(one: LeftOutPrediction, { leftOut, bounds }: RefinementEvaluation): Candidate {
  const { row, predicted } = one
  const novelty = NOVELTY[leftOut]
  const around = bounds[intervalGroup(row.subject.head, row.physics.waves > 1)]?.[novelty]
  const interval = (target: Target): Bounds => ({
    low: predicted[target] * Math.exp(around?.[target].low ?? 0),
    high: predicted[target] * Math.exp(around?.[target].high ?? 0),
  })
  return {
    ...one,
    plain: {
      figures: predicted,
      intervals: Object.fromEntries(TARGETS.map((target) => [target, interval(target)])) as Record<Target, Bounds>,
    },
    observation: {
      place: placeOf(row.subject, novelty, novelty === 'measured'),
      residuals: residualsOf(row.measured, predicted),
      weight: 1,
      observedAtMs: 0,
    },
  }
}

function judgeDraw(
  group: readonly Candidate[],
  count: number,
  random: () => number,
  judged: Record<Target, Judgement[]>,
): void {
  const shuffled = shuffle(group, random)
  const refinement = refine(
    'drawn',
    shuffled.slice(0, count).map(({ observation }) => observation),
  )
  for (const { row, plain, observation } of shuffled.slice(count)) {
    const known = refinement.groupAt(observation.place)
    const { figures, intervals } = known ? applyRefinement(row.subject, plain, observation.place, known) : plain
    for (const target of TARGETS) judge(target, row.measured, figures, intervals, judged)
  }
}

function judge(
  target: Target,
  measured: Figures,
  { [target]: predicted }: Figures,
  { [target]: { low, high } }: Record<Target, Bounds>,
  judged: Record<Target, Judgement[]>,
): void {
  const value = measured[target]
  if (value > 0) judged[target].push({ error: Math.abs(predicted / value - 1), covered: value >= low && value <= high })
}

function summary(judgements: Judgement[]): RefinementGain['errors'][Target] {
  if (judgements.length === 0) return null
  const errors = judgements.map(({ error }) => error * 100)
  return {
    rows: errors.length,
    mean_percent: mean(errors),
    median_percent: median(errors),
    covered_percent: (judgements.filter(({ covered }) => covered).length / judgements.length) * 100,
  }
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [shuffled[i], shuffled[j]]
    if (a !== undefined && b !== undefined) [shuffled[i], shuffled[j]] = [b, a]
  }
  return shuffled
}
