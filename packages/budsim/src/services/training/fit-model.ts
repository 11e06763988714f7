/** Calibration and trees from prepared rows: what is fitted again for every fold, and once on all rows. */
import { type Calibration, calibrate, type Figures } from '../../domain/physics/calibrated.ts'
import { fitCalibration } from '../../domain/physics/fit-calibration.ts'
import { createResiduals, type ResidualModel } from '../../domain/residuals/residual-forests.ts'
import { trainResiduals } from '../../domain/residuals/train-residuals.ts'
import { tellsFirstToken, tellsLoad } from '../../domain/rows/measured-row.ts'
import type { PreparedRow } from './prepare-rows.ts'

export interface FittedModel {
  calibration: Calibration
  residuals: ResidualModel
}

export function fitModel(all: readonly PreparedRow[]): FittedModel {
  const rows = all.filter(({ from }) => tellsLoad(from))
  const calibration = fitCalibration(
    rows.map(({ from, subject, measured, weight }) => ({
      subject,
      weight,
      logTtft: tellsFirstToken(from.row, subject.case.build.facts) ? logOf(measured.ttft) : null,
      logTpot: logOf(measured.tpot),
      logOutput: logOf(measured.output),
    })),
  )
  const residuals = trainResiduals(
    rows.map((row) => ({
      calibrated: calibrate(calibration, row.case, row.physics),
      measured: row.measured,
      weight: row.weight,
    })),
  )
  return { calibration, residuals }
}

/** Predicts prepared rows: their physics is known already. */
export function createRowPredictor({ calibration, residuals }: FittedModel): (row: PreparedRow) => Figures {
  const { correct } = createResiduals(residuals)
  return (row) => correct(calibrate(calibration, row.case, row.physics))
}

const logOf = (value: number): number | null => (value > 0 ? Math.log(value) : null)
