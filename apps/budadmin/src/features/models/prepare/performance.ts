/** What was measured of a model, as rows: never mixed with what is predicted. */
import type { Benchmark, MeasuredFigure, ModelDetail } from '@bud/contract'
import { formatFigure, formatInteger, formatMs, NONE } from '../../../prepare/format.ts'
import { gpusText } from './listing.ts'

export interface FigureRow {
  key: string
  hardware: string
  engine: string
  precision: string
  load: string
  perGpu: string
  total: string
  ttft: string
  tpot: string
  source: string
}

export const toFigureRows = (figures: readonly MeasuredFigure[]): FigureRow[] =>
  figures.map((figure, index) => ({
    key: String(index),
    hardware: gpusText(figure),
    engine: [figure.engine, figure.engine_version].filter((part) => part !== null).join(' '),
    precision: figure.precision ?? NONE,
    load: loadText(figure),
    perGpu: formatFigure(figure.output_tok_s_per_gpu),
    total: formatFigure(figure.output_tok_s),
    ttft: formatMs(figure.ttft_ms),
    tpot: formatMs(figure.tpot_ms),
    source: figure.source,
  }))

/** "1,024 in, 256 out, 16 at once". */
export function loadText(figure: Pick<MeasuredFigure, 'input_tokens' | 'output_tokens' | 'concurrency'>): string {
  const parts = [
    figure.input_tokens === null ? undefined : `${formatInteger(figure.input_tokens)} in`,
    figure.output_tokens === null ? undefined : `${formatInteger(figure.output_tokens)} out`,
    figure.concurrency === null ? undefined : `${formatInteger(figure.concurrency)} at once`,
  ]
  return parts.filter((part) => part !== undefined).join(', ') || NONE
}

/** Whose measurements these are: an architecture's, not these very files'. */
export function measuredNote({ measured_as, name }: Pick<ModelDetail, 'measured_as' | 'name'>): string {
  const whose =
    measured_as && measured_as !== name ? `of ${measured_as}, the same architecture` : 'of this architecture'
  return `Public measurements ${whose}, fastest first. Measured by others, not predicted.`
}

export const benchmarkName = ({ benchmark, metric }: Pick<Benchmark, 'benchmark' | 'metric'>): string =>
  metric ? `${benchmark}, ${metric}` : benchmark
