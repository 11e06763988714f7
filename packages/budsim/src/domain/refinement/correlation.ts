/**
 * How alike the errors of two predictions are. Inside one group (model, GPU, engine, precision, kind of load) an error
 * has a part common to all and a part that fades with the distance of loads, layouts and engine versions. Groups share
 * part of that with those that differ in one thing only: in precision always, in the GPU while the model was never
 * trained on, in the model while the GPU never was. Groups that have merely the engine in common share nothing. Fitted
 * on left-out predictions of the measured rows; services/training/evaluate-refinement.ts measures the gain.
 */
import type { Target } from '../physics/calibrated.ts'
import type { Place } from './observation.ts'

export interface ErrorModel {
  /** Variances of a logarithm: common to a group, local to a load, of one measurement. */
  common: number
  local: number
  noise: number
  /** Where the predictor was trained on this very model, GPU and engine, what is left is mostly noise. */
  familiarNoise: number
  /** Likeness falls to e^-fade per unit of a logarithm apart; with another layout or engine version, once. */
  fade: Readonly<
    Record<'batch' | 'input' | 'output' | 'layout' | 'dataParallel' | 'expertParallel' | 'version', number>
  >
  /** Shares of a group's error that neighbours have too. Their sum is below 1: what remains is the group's own. */
  shares: Readonly<Record<'precision' | 'newModel' | 'newGpu', number>>
}

const PER_TOKEN: ErrorModel = {
  common: 0.001,
  local: 0.06,
  noise: 0.003,
  familiarNoise: 0.2,
  fade: { batch: 0.25, input: 0.15, output: 0.1, layout: 0.25, dataParallel: 0.5, expertParallel: 0.3, version: 2 },
  shares: { precision: 0.2, newModel: 0.3, newGpu: 0.3 },
}

export const ERROR_MODELS: Readonly<Record<Target, ErrorModel>> = {
  tpot: PER_TOKEN,
  ttft: {
    common: 0.001,
    local: 0.2,
    noise: 0.05,
    familiarNoise: 1.2,
    fade: { batch: 0.25, input: 0.4, output: 0.1, layout: 0.3, dataParallel: 0.5, expertParallel: 0.2, version: 2 },
    shares: { precision: 0.2, newModel: 0.3, newGpu: 0.3 },
  },
  output: PER_TOKEN,
}

export const variance = ({ common, local }: ErrorModel): number => common + local

/** Covariance of two errors of one group, measurement noise left out. */
export const covariance = (model: ErrorModel, a: Place, b: Place): number =>
  model.common + model.local * Math.exp(-distance(model, a, b))

/** The part of their covariance that two groups share: 1 in one group, 0 between strangers. */
export function sharedPart({ shares }: ErrorModel, a: Place, b: Place): number {
  if (a.engine !== b.engine || a.head !== b.head) return 0
  const sameModel = a.architecture === b.architecture
  const sameGpu = a.gpu === b.gpu
  if (sameModel && sameGpu && a.precision === b.precision) return 1
  const byModel = sameModel && a.newModel ? shares.newModel : 0
  const byGpu = sameGpu && a.newGpu ? shares.newGpu : 0
  return byModel + byGpu + (sameModel && sameGpu ? shares.precision : 0)
}

function distance({ fade }: ErrorModel, a: Place, b: Place): number {
  return (
    Math.abs(a.lnBatch - b.lnBatch) * fade.batch +
    Math.abs(a.lnInput - b.lnInput) * fade.input +
    Math.abs(a.lnOutput - b.lnOutput) * fade.output +
    (a.tensorParallel === b.tensorParallel ? 0 : fade.layout) +
    (a.dataParallel === b.dataParallel ? 0 : fade.dataParallel) +
    (a.expertParallel === b.expertParallel ? 0 : fade.expertParallel) +
    fade.version * versionsApart(a.engineVersion, b.engineVersion)
  )
}

/** A version that is not stated lies halfway to every other. */
function versionsApart(a: string | null, b: string | null): number {
  if (a === b) return 0
  return a === null || b === null ? 0.5 : 1
}
