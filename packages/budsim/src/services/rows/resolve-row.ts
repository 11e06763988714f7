/** A row's names looked up and its layout checked: the case it is, or why it is none, with line and column. */
import type { GpuSpec, ModelFacts, Reason } from '@bud/kernel'
import type { GpuCatalogue } from '../../domain/gpu-catalogue.ts'
import type { ModelCatalogue } from '../../domain/model-catalogue.ts'
import { quoted } from '../../domain/nearest-names.ts'
import type { ServingCase } from '../../domain/physics/serving-case.ts'
import { createRowCases } from '../../domain/rows/row-case.ts'
import type { ServingRow } from '../../domain/rows/serving-row.ts'
import { createRowLookup, type Found } from './row-lookup.ts'

export interface RowCatalogues {
  gpus: GpuCatalogue
  models: ModelCatalogue
}

export type ResolvedRow =
  | {
      status: 'ok'
      case: ServingCase
      /** What other names than the catalogue's were read as, else ''. */
      readAs: string
    }
  | { status: 'does-not-fit' | 'unsupported'; reason: string }

export function createRowResolver({ gpus, models }: RowCatalogues): (row: ServingRow) => ResolvedRow {
  const modelOf = createRowLookup((text) => {
    const { name, facts } = models.resolve(text)
    return { name, value: facts }
  })
  const gpuOf = createRowLookup((text) => {
    const [gpu] = gpus.resolve(text)
    if (!gpu) throw new Error(`No GPU type ${quoted(text)} in the catalogue.`)
    return { name: gpu.id, value: gpu }
  })
  const toCase = createRowCases()
  return (row) => {
    const [model, gpu] = [modelOf(row.model), gpuOf(row.gpu)]
    if ('problem' in model || 'problem' in gpu) return { status: 'unsupported', reason: unknownNames(row, model, gpu) }
    const found = toCase({ ...row, model: model.name, gpu: gpu.name }, model.value, gpu.value)
    return found.status === 'ok'
      ? { status: 'ok', case: found.case, readAs: readAs(row, model, gpu) }
      : { status: found.status, reason: inCell(row.line, found.reason) }
  }
}

const inCell = (line: number, { path, message, next_step: next }: Omit<Reason, 'code'>): string =>
  `Line ${line}, column ${path}: ${message}${next ? ` ${next}` : ''}`

const unknownNames = ({ line }: ServingRow, model: Found<unknown>, gpu: Found<unknown>): string =>
  Object.entries({ model, gpu })
    .flatMap(([path, found]) => ('problem' in found ? [inCell(line, { path, message: found.problem })] : []))
    .join(' ')

type Known<T> = Extract<Found<T>, { value: T }>

function readAs(row: ServingRow, model: Known<ModelFacts>, gpu: Known<GpuSpec>): string {
  const names = [
    ...(model.name === row.model ? [] : [`model as ${model.name}`]),
    ...(gpu.name === row.gpu ? [] : [`gpu as ${gpu.name}`]),
  ]
  return names.length === 0 ? '' : `Read ${names.join(', ')}.`
}
