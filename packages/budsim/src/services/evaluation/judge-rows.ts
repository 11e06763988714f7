/** Measured rows beside predictions: by the trained model, or by models that had not seen them. */
import type { GpuSpec } from '@bud/kernel'
import type { CatalogueModel } from '../../domain/catalogue-rows.ts'
import { leftOutBounds } from '../../domain/intervals/fit-intervals.ts'
import type { Bounds } from '../../domain/intervals/interval-model.ts'
import { type Figures, TARGETS, type Target } from '../../domain/physics/calibrated.ts'
import type { MeasuredRow } from '../../domain/rows/measured-row.ts'
import { createRowCases } from '../../domain/rows/row-case.ts'
import type { CasePredictor } from '../case-predictor.ts'
import type { LeftOutPrediction } from '../training/cross-validate.ts'
import { toResiduals } from '../training/train-model.ts'
import type { Judged } from './error-table.ts'

export interface JudgedRows {
  judged: Judged[]
  /** Rows without a prediction, by why. */
  unanswered: Map<string, number>
}

export function judgeRows(
  rows: readonly MeasuredRow[],
  reference: { gpus: readonly GpuSpec[]; models: readonly CatalogueModel[] },
  predictor: CasePredictor,
): JudgedRows {
  const gpus = new Map(reference.gpus.map((gpu) => [gpu.id, gpu]))
  const models = new Map(reference.models.map(({ name, facts }) => [name, facts]))
  const toCase = createRowCases()
  const judged: Judged[] = []
  const unanswered = new Map<string, number>()
  const miss = (why: string) => unanswered.set(why, (unanswered.get(why) ?? 0) + 1)
  for (const from of rows) {
    const gpu = gpus.get(from.row.gpu)
    const facts = models.get(from.row.model)
    if (!gpu || !facts) {
      miss(`${gpu ? `model ${from.row.model}` : `GPU ${from.row.gpu}`} is not in the catalogue`)
      continue
    }
    const found = toCase(from.row, facts, gpu)
    if (found.status !== 'ok') {
      miss(found.reason.message)
      continue
    }
    const { figures, intervals } = predictor.predict(found.case)
    judged.push({ from, measured: figuresOf(from), predicted: figures, intervals })
  }
  return { judged, unanswered }
}

/** Intervals too are those that the other folds make. */
export function judgeLeftOut(predictions: readonly LeftOutPrediction[]): Judged[] {
  const bounds = leftOutBounds(toResiduals(predictions))
  return predictions.map(({ row, predicted }, i) => ({
    from: row.from,
    measured: row.measured,
    predicted,
    intervals: Object.fromEntries(
      TARGETS.map((target) => [target, around(predicted[target], bounds[i]?.[target])]),
    ) as Record<Target, Bounds>,
  }))
}

const around = (value: number, bounds: Bounds | undefined): Bounds => ({
  low: value * Math.exp(bounds?.low ?? 0),
  high: value * Math.exp(bounds?.high ?? 0),
})

const figuresOf = ({ measured }: MeasuredRow): Figures => ({
  tpot: measured.tpot_ms ?? Number.NaN,
  ttft: measured.ttft_ms ?? Number.NaN,
  output: measured.output_tok_s ?? Number.NaN,
})
