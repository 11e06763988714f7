/** Everything learnt from measured rows: one trained model, as it is committed and loaded. */
import type { IntervalModel } from './intervals/interval-model.ts'
import type { Calibration } from './physics/calibrated.ts'
import type { ResidualModel } from './residuals/residual-forests.ts'

export interface TrainedModel {
  /** e.g. "trees-2026.11"; stored beside what it predicted. */
  id: string
  calibration: Calibration
  residuals: ResidualModel
  intervals: IntervalModel
  training: TrainingRecord
}

export interface TrainingRecord {
  /** sha256 of the rows and of the kernel times it was trained with. */
  rows_sha256: string
  kernels_sha256: string
  rows: number
}
