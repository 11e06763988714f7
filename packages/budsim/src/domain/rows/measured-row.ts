/** A measured row: what was asked and what was observed. Training, evaluation and refinement read these. */
import type { ModelFacts, Reason } from '@bud/kernel'
import { parseServingRow, type ServingRow } from './serving-row.ts'

export interface Measured {
  ttft_ms: number | null
  tpot_ms: number | null
  output_tok_s: number | null
}

export interface MeasuredRow {
  row: ServingRow
  measured: Measured
  source: string
}

type Cells = Readonly<Record<string, string | undefined>>

/** The mean where stated, else the median; inter-token latency stands in for TPOT; derived throughput for a stated one. */
const COLUMNS: Readonly<Record<keyof Measured, readonly string[]>> = {
  ttft_ms: ['ttft_ms_mean', 'ttft_ms_p50', 'ttft_ms'],
  tpot_ms: ['tpot_ms_mean', 'tpot_ms_p50', 'itl_ms_mean', 'tpot_ms'],
  output_tok_s: ['throughput_output_tok_s', 'derived_output_tok_s', 'output_tok_s'],
}

export function parseMeasuredRow(cells: Cells, line: number): { measured: MeasuredRow } | { problems: Reason[] } {
  const parsed = parseServingRow(cells, line)
  if ('problems' in parsed) return parsed
  const first = (columns: readonly string[]): number | null => {
    for (const column of columns) {
      const value = Number(cells[column]?.trim() || Number.NaN)
      if (Number.isFinite(value) && value > 0) return value
    }
    return null
  }
  return {
    measured: {
      row: parsed.row,
      measured: {
        ttft_ms: first(COLUMNS.ttft_ms),
        tpot_ms: first(COLUMNS.tpot_ms),
        output_tok_s: first(COLUMNS.output_tok_s),
      },
      source: cells.source?.trim() || 'unnamed',
    },
  }
}

/**
 * Whether a row's time to first token is the engine's. Dense models of TensorRT-LLM 1.0.0rc3 were measured by a client
 * that adds a share of the whole answer; SGLang rows without a version were measured while kernels still compiled.
 */
export function tellsFirstToken(row: ServingRow, facts: ModelFacts): boolean {
  if (row.engine === 'sglang') return row.engine_version !== null
  return !(row.engine === 'tensorrt-llm' && row.engine_version === '1.0.0rc3' && facts.experts === null)
}

/** Answers that a request may plausibly wait for in a closed loop. */
const MOST_ANSWERS_WAITED = 3

/**
 * Whether a closed loop was what its row says: where first tokens took longer than several whole answers, many more
 * requests were queued outside than the row's concurrency, and its other figures are of a smaller one.
 */
export function tellsLoad({ row, measured }: MeasuredRow): boolean {
  const { ttft_ms: ttft, tpot_ms: tpot } = measured
  if (row.scenario !== 'closed-loop' || ttft === null || tpot === null || row.osl === null) return true
  return ttft < MOST_ANSWERS_WAITED * row.osl * tpot
}
