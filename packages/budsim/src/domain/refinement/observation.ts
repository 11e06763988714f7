/** What serving showed, beside what was foretold: the evidence that refines predictions of similar cases. */
import { modelKey, type Novelty } from '../intervals/interval-model.ts'
import { type Figures, TARGETS, type Target } from '../physics/calibrated.ts'
import type { Head } from '../physics/heads.ts'
import type { ServingEngine } from '../physics/serving-case.ts'
import type { Subject } from '../physics/step-calibration.ts'

/** Where a case lies among others: the things by which errors of predictions are alike. */
export interface Place {
  /** Layers, hidden size and experts. */
  architecture: string
  gpu: string
  engine: ServingEngine
  engineVersion: string | null
  precision: string
  head: Head
  tensorParallel: number
  /** Attention ranks that share experts, and GPUs over which whole experts are spread. */
  dataParallel: number
  expertParallel: number
  /** Natural logarithms: sequences decoded together per rank, tokens of a prompt, tokens of an answer. */
  lnBatch: number
  lnInput: number
  lnOutput: number
  /** No row of the architecture, or of the GPU, was in the training data. */
  newModel: boolean
  newGpu: boolean
  /** Rows of this very model, GPU and engine were: what remains of their error hardly repeats. */
  familiar: boolean
}

export type LogResiduals = Readonly<Record<Target, number | null>>

export interface Observation {
  place: Place
  /** ln(measured ÷ predicted by the predictor to be refined); null: not measured. */
  residuals: LogResiduals
  /** How many plain measurements it is worth. */
  weight: number
  /** How many observations it stands for; absent: itself. */
  count?: number
  observedAtMs: number
}

export function placeOf({ case: one, physics, head }: Subject, novelty: Novelty, familiar: boolean): Place {
  const { facts, gpu, engine, layout } = one.build
  return {
    architecture: modelKey(one),
    gpu: gpu.id,
    engine,
    engineVersion: one.engineVersion,
    precision: facts.weight_precision,
    head,
    tensorParallel: layout.tensorParallel,
    dataParallel: layout.dataParallel,
    expertParallel: layout.expertParallel,
    lnBatch: Math.log(physics.batch),
    lnInput: Math.log(one.inputTokens),
    lnOutput: Math.log(one.outputTokens),
    newModel: novelty === 'new-model' || novelty === 'new-model-and-gpu',
    newGpu: novelty === 'new-gpu' || novelty === 'new-model-and-gpu',
    familiar,
  }
}

/** Figures that are missing, not positive or not finite count as not measured. */
export function residualsOf(measured: Readonly<Record<Target, number | null>>, predicted: Figures): LogResiduals {
  return Object.fromEntries(
    TARGETS.map((target) => {
      const log = Math.log((measured[target] ?? Number.NaN) / predicted[target])
      return [target, Number.isFinite(log) ? log : null]
    }),
  ) as Record<Target, number | null>
}

/** What a group of like deployments has in common; only the load and the layout differ inside one. */
export const groupOf = ({ architecture, gpu, engine, precision, head }: Place): string =>
  `${architecture} ${gpu} ${engine} ${precision} ${head}`
