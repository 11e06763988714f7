/** Prepared rows to a trained model, with intervals made from predictions of rows that were left out. */
import { fitBounds, type GroupBounds, type LeftOutResidual } from '../../domain/intervals/fit-intervals.ts'
import { type IntervalModel, intervalGroup, modelKey, type Novelty } from '../../domain/intervals/interval-model.ts'
import { type Figures, TARGETS } from '../../domain/physics/calibrated.ts'
import { HEADS } from '../../domain/physics/heads.ts'
import type { TrainedModel, TrainingRecord } from '../../domain/trained-model.ts'
import { crossValidate, type LeftOutPrediction } from './cross-validate.ts'
import { fitModel } from './fit-model.ts'
import { gpuKey } from './folds.ts'
import type { PreparedRow } from './prepare-rows.ts'

/** Predictions of every row by models that had not seen it, its architecture, or its GPU. */
export interface LeftOutPredictions {
  random: readonly LeftOutPrediction[]
  architecture: readonly LeftOutPrediction[]
  gpu: readonly LeftOutPrediction[]
}

export function predictLeftOut(
  rows: readonly PreparedRow[],
  onProgress?: (message: string) => void,
): LeftOutPredictions {
  const validate = (folding: keyof LeftOutPredictions, words: string) =>
    crossValidate(rows, folding, (done, total) => onProgress?.(`${words}: fold ${done} of ${total}`))
  return {
    random: validate('random', 'Rows left out at random'),
    architecture: validate('architecture', 'Architectures left out'),
    gpu: validate('gpu', 'GPUs left out'),
  }
}

const GROUPS = HEADS.flatMap((head) => [intervalGroup(head, false), intervalGroup(head, true)])
/** With neither seen, errors of both kinds meet: the wider bound, and this much more. */
const BOTH_NEW = 1.1

export function trainModel(
  id: string,
  rows: readonly PreparedRow[],
  training: TrainingRecord,
  bounds: IntervalModel['bounds'],
): TrainedModel {
  return {
    id,
    ...fitModel(rows),
    intervals: {
      bounds,
      architectures: [...new Set(rows.map((row) => modelKey(row.case)))].sort(),
      gpus: [...new Set(rows.map(gpuKey))].sort(),
    },
    training,
  }
}

/** Bounds by how new a case is, each from the predictions of rows that were as new to the model. */
export function intervalBounds(leftOut: LeftOutPredictions): IntervalModel['bounds'] {
  const measured = fitBounds(toResiduals(leftOut.random), GROUPS)
  const newModel = fitBounds(toResiduals(leftOut.architecture), GROUPS)
  const newGpu = fitBounds(toResiduals(leftOut.gpu), GROUPS)
  return Object.fromEntries(
    GROUPS.map((group) => {
      const of = (bounds: GroupBounds) => bounds[group] as GroupBounds[string]
      const both = Object.fromEntries(
        TARGETS.map((target) => {
          const [model, gpu] = [of(newModel)[target], of(newGpu)[target]]
          return [
            target,
            { low: Math.min(model.low, gpu.low) * BOTH_NEW, high: Math.max(model.high, gpu.high) * BOTH_NEW },
          ]
        }),
      ) as GroupBounds[string]
      const byNovelty: Record<Novelty, GroupBounds[string]> = {
        measured: of(measured),
        'new-engine': of(newModel),
        'new-model': of(newModel),
        'new-gpu': of(newGpu),
        'new-model-and-gpu': both,
      }
      return [group, byNovelty]
    }),
  )
}

export function toResiduals(predictions: readonly LeftOutPrediction[]): LeftOutResidual[] {
  return predictions.map(({ row, fold, predicted }) => ({
    fold,
    group: intervalGroup(row.subject.head, row.physics.waves > 1),
    log: Object.fromEntries(
      TARGETS.map((target) => [target, Math.log(row.measured[target] / predicted[target])]),
    ) as Figures,
  }))
}
