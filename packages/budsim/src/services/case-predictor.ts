/**
 * Any case to its figures with 80 % intervals: measured kernels, calibrated physics, trees, and what live observations
 * of the same model, GPU and engine say. Pure and fast; predictors of deployments and of rows are built on it.
 */
import { type Bounds, intervalGroup, type Novelty, noveltyOf } from '../domain/intervals/interval-model.ts'
import type { KernelModel } from '../domain/kernels/kernel-model.ts'
import { type CalibratedCase, calibrate, type Figures, TARGETS, type Target } from '../domain/physics/calibrated.ts'
import { createCasePhysics } from '../domain/physics/case-physics.ts'
import type { ServingCase } from '../domain/physics/serving-case.ts'
import { createResiduals } from '../domain/residuals/residual-forests.ts'
import type { TrainedModel } from '../domain/trained-model.ts'

export interface CasePrediction {
  calibrated: CalibratedCase
  /** TPOT and TTFT in milliseconds (means), output tokens per second of all replicas. */
  figures: Figures
  /** The ends of the 80 % intervals. */
  intervals: Record<Target, Bounds>
  novelty: Novelty
  intervalGroup: string
  /** Rows of this very model, GPU and engine were in the training data. */
  familiar: boolean
  /** What moved the figures beyond training; absent where nothing did. */
  refined?: { id: string; observations: number }
}

export interface CasePredictor {
  readonly id: string
  predict(one: ServingCase): CasePrediction
}

export function createCasePredictor(model: TrainedModel, kernels: KernelModel): CasePredictor {
  const physics = createCasePhysics(kernels)
  const residuals = createResiduals(model.residuals)
  const architectures = new Set(model.intervals.architectures)
  const gpus = new Set(model.intervals.gpus)
  return {
    id: model.id,
    predict(one) {
      const calibrated = calibrate(model.calibration, one, physics.measure(one))
      const figures = residuals.correct(calibrated)
      const known = noveltyOf(one, architectures, gpus)
      const novelty = known === 'measured' && !residuals.hasSeen(calibrated) ? 'new-engine' : known
      const group = intervalGroup(calibrated.subject.head, calibrated.subject.physics.waves > 1)
      const bounds = model.intervals.bounds[group]?.[novelty]
      const familiar = novelty === 'measured'
      return { calibrated, figures, intervals: around(figures, bounds), novelty, intervalGroup: group, familiar }
    },
  }
}

/** Without bounds of its own a group's predictions say nothing about their error. */
function around(figures: Figures, bounds: Readonly<Record<Target, Bounds>> | undefined): Record<Target, Bounds> {
  const interval = (target: Target): Bounds => ({
    low: figures[target] * Math.exp(bounds?.[target].low ?? 0),
    high: figures[target] * Math.exp(bounds?.[target].high ?? 0),
  })
  return Object.fromEntries(TARGETS.map((target) => [target, interval(target)])) as Record<Target, Bounds>
}
