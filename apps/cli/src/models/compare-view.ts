/** Up to four models side by side; what differs is marked. */
import type { ModelDetail } from '@bud/contract'
import { bytes, type Cell, parameters, table, trim } from '../output.ts'
import { licenceOf } from './list-models.ts'

type Row = [label: string, cells: Cell[]]

/** A star stands before what is not the same for all. */
export function describeComparison(models: readonly ModelDetail[]): string {
  const rows = rowsOf(models).filter(([, cells]) => cells.some((cell) => cell !== null))
  const marked = rows.map(([label, cells]) => [`${new Set(cells).size > 1 ? '*' : ' '} ${label}`, ...cells])
  const differing = marked.filter(([label]) => String(label).startsWith('*')).length
  const headers = ['', ...models.map(({ name, version }) => (version === null ? name : `${name}@${version}`))]
  return `${table(headers, marked)}\n${differing} of ${rows.length} rows differ (*).`
}

function rowsOf(models: readonly ModelDetail[]): Row[] {
  const row = (label: string, cell: (model: ModelDetail) => Cell): Row => [
    label,
    models.map((model) => {
      const value = cell(model)
      return value === null || value === undefined ? null : String(value)
    }),
  ]
  return [
    row('architecture', (model) => model.facts?.architecture_class ?? model.architecture),
    row('parameters', (model) => parameters(model.parameter_count)),
    row('active', (model) => parameters(model.active_parameter_count)),
    row('context', (model) => model.context_length),
    row('modality', (model) => model.modality),
    row('precision', (model) => model.facts?.weight_precision),
    row('weights', (model) => (model.facts?.weight_bytes ? bytes(model.facts.weight_bytes) : null)),
    row('licence', (model) => licenceOf(model.licence)),
    ...(['staging', 'production'] as const).map((stage) =>
      row(`licence in ${stage}`, (model) => model.licence_verdicts.find((one) => one.stage === stage)?.action),
    ),
    row('state', (model) => (model.origin === 'catalogue' ? 'catalogue' : model.state.name)),
    row('scan', (model) => model.scan?.verdict),
    row('digest', (model) => model.digest?.slice(0, 12)),
    ...measuredRows(models, row),
    ...benchmarkRows(models, row),
    ...fitRows(models, row),
  ]
}

type MakeRow = (label: string, cell: (model: ModelDetail) => Cell) => Row

const measuredRows = (models: readonly ModelDetail[], row: MakeRow): Row[] =>
  namesOf(models, ({ measured_figures }) => measured_figures.map(({ gpu }) => gpu)).map((gpu) =>
    row(`tok/s per ${gpu}`, ({ measured_figures }) => {
      const speeds = measured_figures.flatMap((one) =>
        one.gpu === gpu && one.output_tok_s_per_gpu !== null ? [one.output_tok_s_per_gpu] : [],
      )
      return speeds.length > 0 ? trim(Math.max(...speeds)) : null
    }),
  )

const benchmarkRows = (models: readonly ModelDetail[], row: MakeRow): Row[] =>
  namesOf(models, ({ benchmarks }) => benchmarks.map(({ benchmark }) => benchmark)).map((name) =>
    row(name, ({ benchmarks }) => benchmarks.find(({ benchmark }) => benchmark === name)?.score),
  )

const fitRows = (models: readonly ModelDetail[], row: MakeRow): Row[] =>
  namesOf(models, ({ fits }) => fits.map(({ cluster_name }) => cluster_name)).map((cluster) =>
    row(`on ${cluster}`, ({ fits }) => {
      const fit = fits.find(({ cluster_name }) => cluster_name === cluster)
      return fit && (fit.fits ? `${fit.gpu_count} × ${fit.gpu_type}` : 'does not fit')
    }),
  )

const namesOf = (models: readonly ModelDetail[], names: (model: ModelDetail) => string[]): string[] =>
  [...new Set(models.flatMap(names))].sort()
