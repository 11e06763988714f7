/** Measured rows with their case and physics: what calibration, trees, intervals and tables of errors are made from. */
import type { GpuSpec } from '@bud/kernel'
import type { CatalogueModel } from '../../domain/catalogue-rows.ts'
import type { Figures } from '../../domain/physics/calibrated.ts'
import type { CasePhysics, CasePhysicsModel } from '../../domain/physics/case-physics.ts'
import { headOf } from '../../domain/physics/heads.ts'
import type { ServingCase } from '../../domain/physics/serving-case.ts'
import { type Subject, subjectOf } from '../../domain/physics/step-calibration.ts'
import type { MeasuredRow } from '../../domain/rows/measured-row.ts'
import { createRowCases } from '../../domain/rows/row-case.ts'

export interface PreparedRow {
  from: MeasuredRow
  case: ServingCase
  physics: CasePhysics
  subject: Subject
  /** NaN where not measured. */
  measured: Figures
  /** Rows of one source, model, GPU and engine are many measurements of one thing: each counts for less. */
  weight: number
}

const GROUP_EXPONENT = -0.2

/** Rows whose model or GPU is not in the catalogues, or which no layout explains, are left out. */
export function prepareRows(
  rows: readonly MeasuredRow[],
  reference: { gpus: readonly GpuSpec[]; models: readonly CatalogueModel[] },
  physics: CasePhysicsModel,
): PreparedRow[] {
  const gpus = new Map(reference.gpus.map((gpu) => [gpu.id, gpu]))
  const models = new Map(reference.models.map((model) => [model.name, model.facts]))
  const toCase = createRowCases()
  const sizes = new Map<string, number>()
  for (const row of rows) sizes.set(groupOf(row), (sizes.get(groupOf(row)) ?? 0) + 1)
  return rows.flatMap((from) => {
    const gpu = gpus.get(from.row.gpu)
    const facts = models.get(from.row.model)
    if (!gpu || !facts) return []
    const found = toCase(from.row, facts, gpu)
    if (found.status !== 'ok') return []
    const measuredPhysics = physics.measure(found.case)
    return [
      {
        from,
        case: found.case,
        physics: measuredPhysics,
        subject: subjectOf(found.case, measuredPhysics, headOf(found.case)),
        measured: {
          tpot: from.measured.tpot_ms ?? Number.NaN,
          ttft: from.measured.ttft_ms ?? Number.NaN,
          output: from.measured.output_tok_s ?? Number.NaN,
        },
        weight: (sizes.get(groupOf(from)) ?? 1) ** GROUP_EXPONENT,
      },
    ]
  })
}

const groupOf = ({ row, source }: MeasuredRow): string => `${source}|${row.model}|${row.gpu}|${row.engine}`
