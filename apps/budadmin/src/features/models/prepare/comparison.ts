/** Up to four models side by side: rows of facts, which of them differ, and where one is clearly better. */
import type { Benchmark, MeasuredFigure, ModelDetail } from '@bud/contract'
import { formatBytes, formatFigure, formatMs, formatTokens, NONE } from '../../../prepare/format.ts'
import type { Tone } from '../../../prepare/states.ts'
import { licenceAnswer, toFitRows } from './answer.ts'
import { facetLabel } from './facet-labels.ts'
import { attentionText, languagesText, tokenizerText } from './facts.ts'
import { gpusText, parametersText } from './listing.ts'
import { benchmarkName, loadText } from './performance.ts'
import { findingsText, toVerdict } from './scan.ts'

export interface ComparedCell {
  text: string
  /** A second, quieter line. */
  note?: string | undefined
  tone?: Tone | undefined
  best: boolean
}

export interface ComparedRow {
  label: string
  cells: ComparedCell[]
  /** Not all cells say the same. */
  differs: boolean
}

export interface ComparedSection {
  title: string
  note?: string
  rows: ComparedRow[]
}

interface Cell extends Omit<ComparedCell, 'best'> {
  /** What decides which cell is best; undefined: nothing does. */
  rank?: number | undefined
}

export function toComparison(models: readonly ModelDetail[]): ComparedSection[] {
  const sections: ComparedSection[] = [
    { title: 'Facts', rows: factRows(models) },
    { title: 'Licence', rows: licenceRows(models) },
    { title: 'Security', rows: scanRows(models) },
    {
      title: 'Measured speed',
      note: 'The fastest public measurement on each GPU; best only where it was measured under the same load.',
      rows: measuredRows(models),
    },
    { title: 'Quality benchmarks', rows: benchmarkRows(models) },
    { title: 'Fits on', rows: fitRows(models) },
  ]
  return sections.filter((section) => section.rows.length > 0)
}

/** Nothing is best where all are equal or only one has a figure. */
function row(label: string, cells: readonly Cell[], better?: 'more' | 'less'): ComparedRow {
  const ranks = cells.flatMap(({ rank }) => (rank === undefined ? [] : [rank]))
  const best = better === 'less' ? Math.min(...ranks) : Math.max(...ranks)
  const decided = better !== undefined && ranks.length > 1 && ranks.some((rank) => rank !== best)
  return {
    label,
    cells: cells.map(({ rank, ...cell }) => ({ ...cell, best: decided && rank === best })),
    differs: new Set(cells.map(({ text, note }) => `${text}\n${note ?? ''}`)).size > 1,
  }
}

const textRow = (label: string, models: readonly ModelDetail[], text: (model: ModelDetail) => string): ComparedRow =>
  row(
    label,
    models.map((model) => ({ text: text(model) })),
  )

function factRows(models: readonly ModelDetail[]): ComparedRow[] {
  return [
    textRow('Architecture', models, (model) => model.architecture),
    textRow('Parameters', models, parametersText),
    row(
      'Context',
      models.map(({ context_length }) => ({
        text: context_length === null ? NONE : `${formatTokens(context_length)} tokens`,
        rank: context_length ?? undefined,
      })),
      'more',
    ),
    textRow('Modality', models, (model) => facetLabel('modality', model.modality)),
    textRow('Precision', models, (model) => model.facts?.weight_precision ?? NONE),
    textRow('Weights', models, (model) => formatBytes(model.facts?.weight_bytes)),
    textRow('Attention', models, (model) => (model.facts ? attentionText(model.facts) : NONE)),
    textRow('Tokenizer', models, ({ tokenizer }) => (tokenizer ? tokenizerText(tokenizer) : NONE)),
    textRow('Languages', models, ({ languages }) => (languages.length > 0 ? languagesText(languages) : NONE)),
  ]
}

function licenceRows(models: readonly ModelDetail[]): ComparedRow[] {
  return [
    row(
      'Licence',
      models.map(({ licence }) => ({ text: licence?.name ?? NONE, note: licence?.class ?? 'unknown' })),
    ),
    row(
      'In production',
      models.map((model) => {
        const { tone, word } = licenceAnswer(model)
        return { text: word, tone }
      }),
    ),
    textRow('Conditions', models, ({ licence_detail }) =>
      licence_detail && licence_detail.conditions.length > 0
        ? [...new Set(licence_detail.conditions.map(({ kind }) => kind.replaceAll('-', ' ')))].join(', ')
        : 'none known',
    ),
  ]
}

function scanRows(models: readonly ModelDetail[]): ComparedRow[] {
  return [
    row(
      'Scan',
      models.map(({ scan, has_files }) => {
        const { tone, word } = toVerdict(scan, has_files)
        return { text: word, tone, note: scan ? findingsText(scan.findings) : undefined }
      }),
    ),
    textRow('State', models, ({ state, has_files }) => (has_files ? state.name : 'no files')),
  ]
}

function measuredRows(models: readonly ModelDetail[]): ComparedRow[] {
  const gpus = [...new Set(models.flatMap(({ measured_figures }) => measured_figures.map(({ gpu }) => gpu)))].toSorted()
  return gpus.map((gpu) => {
    const figures = models.map((model) => fastestOn(model, gpu))
    const loads = new Set(figures.flatMap((figure) => (figure ? [conditionsOf(figure)] : [])))
    const cells = figures.map((figure) => figureCell(figure))
    return row(`On ${gpu}`, cells, loads.size === 1 ? 'more' : undefined)
  })
}

const fastestOn = ({ measured_figures }: ModelDetail, gpu: string): MeasuredFigure | undefined =>
  measured_figures
    .filter((figure) => figure.gpu === gpu && figure.output_tok_s_per_gpu !== null)
    .toSorted((a, b) => (b.output_tok_s_per_gpu ?? 0) - (a.output_tok_s_per_gpu ?? 0))[0]

const conditionsOf = ({ gpu_count, input_tokens, output_tokens, concurrency }: MeasuredFigure): string =>
  JSON.stringify([gpu_count, input_tokens, output_tokens, concurrency])

function figureCell(figure: MeasuredFigure | undefined): Cell {
  if (!figure) return { text: NONE }
  const details = [
    gpusText(figure),
    figure.engine,
    figure.precision,
    loadText(figure),
    figure.ttft_ms === null ? null : `first token ${formatMs(figure.ttft_ms)}`,
  ]
  return {
    text: `${formatFigure(figure.output_tok_s_per_gpu)} tokens/s per GPU`,
    note: details.filter((part) => part !== null && part !== NONE).join(' · '),
    rank: figure.output_tok_s_per_gpu ?? undefined,
  }
}

const LOWER_IS_BETTER = /perplexity|ppl|loss|error|\bwer\b|\bcer\b|bits/i

function benchmarkRows(models: readonly ModelDetail[]): ComparedRow[] {
  const names = [...new Set(models.flatMap(({ benchmarks }) => benchmarks.map(benchmarkName)))].toSorted()
  return names.map((name) =>
    row(
      name,
      models.map(({ benchmarks }) => scoreCell(benchmarks.find((one) => benchmarkName(one) === name))),
      LOWER_IS_BETTER.test(name) ? 'less' : 'more',
    ),
  )
}

const scoreCell = (benchmark: Benchmark | undefined): Cell =>
  benchmark ? { text: formatFigure(benchmark.score), note: benchmark.source, rank: benchmark.score } : { text: NONE }

function fitRows(models: readonly ModelDetail[]): ComparedRow[] {
  const fits = models.map((model) => toFitRows(model.fits))
  const names = [...new Set(fits.flatMap((rows) => rows.map(({ name }) => name)))].toSorted()
  return names.map((name) =>
    row(
      name,
      fits.map((rows) => {
        const fit = rows.find((one) => one.name === name)
        return fit ? { text: fit.word, tone: fit.tone, note: fit.detail || undefined } : { text: NONE }
      }),
    ),
  )
}

export const onlyDifferences = (sections: readonly ComparedSection[]): ComparedSection[] =>
  sections
    .map((section) => ({ ...section, rows: section.rows.filter((one) => one.differs) }))
    .filter((section) => section.rows.length > 0)

/** "a and b differ in 12 of 20 rows." */
export function describeComparison(models: readonly ModelDetail[]): string {
  const rows = toComparison(models).flatMap((section) => section.rows)
  const differing = rows.filter((one) => one.differs).length
  const names = models.map(({ name }) => name)
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)} differ in ${differing} of ${rows.length} rows.`
}
