/** What `bud sim train` and `bud sim evaluate` do with the committed rows. */
import type { GpuSpec } from '@bud/kernel'
import type { CatalogueModel } from '../../domain/catalogue-rows.ts'
import type { KernelModel } from '../../domain/kernels/kernel-model.ts'
import { createCasePhysics } from '../../domain/physics/case-physics.ts'
import type { MeasuredRow } from '../../domain/rows/measured-row.ts'
import type { TrainedModel, TrainingRecord } from '../../domain/trained-model.ts'
import { errorsReport } from '../evaluation/errors-report.ts'
import { type PreparedRow, prepareRows } from './prepare-rows.ts'
import { intervalBounds, predictLeftOut, trainModel } from './train-model.ts'

export interface TrainingInput {
  rows: readonly MeasuredRow[]
  digests: Pick<TrainingRecord, 'rows_sha256' | 'kernels_sha256'>
  reference: { gpus: readonly GpuSpec[]; models: readonly CatalogueModel[]; kernels: KernelModel }
  onProgress?: (message: string) => void
}

/** Refits on all rows; intervals stay those of the model before, which must have been trained with rows alike. */
export function refit(input: TrainingInput, before: TrainedModel): TrainedModel {
  const { rows, training } = prepare(input)
  return trainModel(modelId(training), rows, training, before.intervals.bounds)
}

/** Refits, and makes intervals and the table of errors by leaving rows, architectures and GPUs out. */
export function calibrateAndFit(input: TrainingInput): { model: TrainedModel; report: string } {
  const { rows, training } = prepare(input)
  const leftOut = predictLeftOut(rows, input.onProgress)
  return {
    model: trainModel(modelId(training), rows, training, intervalBounds(leftOut)),
    report: errorsReport(leftOut, training),
  }
}

/** The table of errors alone. */
export function evaluateLeftOut(input: TrainingInput): string {
  const { rows, training } = prepare(input)
  return errorsReport(predictLeftOut(rows, input.onProgress), training)
}

function prepare({ rows, digests, reference }: TrainingInput): { rows: PreparedRow[]; training: TrainingRecord } {
  const prepared = prepareRows(rows, reference, createCasePhysics(reference.kernels))
  return { rows: prepared, training: { ...digests, rows: prepared.length } }
}

/** The same rows and kernel times make the same model: its name says which. */
const modelId = ({ rows_sha256: rows, kernels_sha256: kernels }: TrainingRecord): string =>
  `budsim-${rows.slice(0, 6)}-${kernels.slice(0, 6)}`
