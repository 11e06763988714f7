/** What is answered for a row, and how it is written as CSV. */
import { csvField } from '../../domain/csv.ts'
import type { CasePrediction } from '../case-predictor.ts'

/** invalid: the row itself cannot be read. Every status is an answer. */
export const ROW_STATUSES = ['ok', 'does-not-fit', 'unsupported', 'invalid'] as const
export type RowStatus = (typeof ROW_STATUSES)[number]

const FIGURES = [
  'ttft_ms',
  'ttft_ms_lo',
  'ttft_ms_hi',
  'tpot_ms',
  'tpot_ms_lo',
  'tpot_ms_hi',
  'output_tok_s',
  'output_tok_s_lo',
  'output_tok_s_hi',
] as const

/** Means with the ends of their 80 % intervals; null where the status is not ok. */
export type RowFigures = Record<(typeof FIGURES)[number], number | null>

export interface RowPrediction extends RowFigures {
  row_id: string
  status: RowStatus
  /** Names line and column; with status ok what a name was taken for, else ''. */
  reason: string
}

const NO_FIGURES = Object.fromEntries(FIGURES.map((name) => [name, null])) as RowFigures

export const unanswered = (rowId: string, status: Exclude<RowStatus, 'ok'>, reason: string): RowPrediction => ({
  row_id: rowId,
  ...NO_FIGURES,
  status,
  reason,
})

/** What of a case's prediction a row tells. */
export type CaseFigures = Pick<CasePrediction, 'figures' | 'intervals'>

export function answered(rowId: string, { figures, intervals }: CaseFigures, reason: string): RowPrediction {
  return {
    row_id: rowId,
    ttft_ms: figures.ttft,
    ttft_ms_lo: intervals.ttft.low,
    ttft_ms_hi: intervals.ttft.high,
    tpot_ms: figures.tpot,
    tpot_ms_lo: intervals.tpot.low,
    tpot_ms_hi: intervals.tpot.high,
    output_tok_s: figures.output,
    output_tok_s_lo: intervals.output.low,
    output_tok_s_hi: intervals.output.high,
    status: 'ok',
    reason,
  }
}

export const PREDICTIONS_HEADER = `${['row_id', ...FIGURES, 'status', 'reason'].join(',')}\n`

const SIGNIFICANT = 6

/** A line of the table, ended. */
export function predictionLine(row: RowPrediction): string {
  const figures = FIGURES.map((name) => {
    const value = row[name]
    return value === null ? '' : String(rounded(value))
  })
  return `${csvField(row.row_id)},${figures.join(',')},${row.status},${csvField(row.reason)}\n`
}

/** To so many significant digits; four times as fast as by way of text. */
function rounded(value: number): number {
  const places = SIGNIFICANT - 1 - Math.floor(Math.log10(value))
  if (!Number.isFinite(places)) return value
  const scale = 10 ** Math.abs(places)
  return places >= 0 ? Math.round(value * scale) / scale : Math.round(value / scale) * scale
}
