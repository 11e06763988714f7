/** Measurements of one's own, in the columns of measured rows: they refine predictions like windows of endpoints do. */
import { BudError, invalidInput, messageOf, type Reason } from '@bud/kernel'
import type { MeasuredCells, ObservationRecord } from '../domain/records.ts'
import { type Caller, type Context, isoNow } from './context.ts'
import { makeVersion } from './make-version.ts'
import { insertObservations, newObservationId, pruneObservations } from './observation-store.ts'
import { observeSubject } from './observe-subject.ts'

export type MeasuredRowInput = Readonly<Record<string, string | number | boolean | null>>

export interface ImportedObservations {
  recorded: number
  /** Rows that tell nothing; the others are recorded all the same. */
  skipped: Reason[]
  /** The version that came of it. */
  refinement: number | null
}

const MOST_ROWS = 500
const NOT_MEASURED = { ttft_ms: null, tpot_ms: null, output_tokens_per_s: null }

/** Throws invalid-input, with every reason, when no row can be used. */
export async function importObservations(
  context: Context,
  caller: Caller,
  rows: readonly MeasuredRowInput[],
): Promise<ImportedObservations> {
  if (rows.length > MOST_ROWS) throw invalidInput(`${rows.length} rows are more than ${MOST_ROWS} at once.`)
  const skipped: Reason[] = []
  const records = rows.flatMap((row, i) => {
    try {
      return [toRecord(context, caller, toCells(row, i))]
    } catch (error) {
      if (!(error instanceof BudError) || error.code !== 'failed') throw error
      skipped.push({ code: 'no-observation', message: messageOf(error), path: `rows.${i}` })
      return []
    }
  })
  if (records.length === 0) throw invalidInput('No row can be used.', skipped)
  const { query } = context.database
  await insertObservations(query, records)
  await pruneObservations(query, caller.project_id, null)
  const version = await makeVersion(context, {
    project_id: caller.project_id,
    nameOf: (id) => id,
    reason: `${records.length} imported measurement${records.length === 1 ? '' : 's'}.`,
    by: caller.name,
  })
  return { recorded: records.length, skipped, refinement: version?.number ?? null }
}

/** A row needs no id of its own here. */
const toCells = (row: MeasuredRowInput, index: number): MeasuredCells => ({
  row_id: `row ${index + 1}`,
  ...Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  ),
})

function toRecord(context: Context, { project_id }: Caller, cells: MeasuredCells): ObservationRecord {
  const subject = { kind: 'row' as const, cells }
  const now = context.clock.nowMs()
  const observed = observeSubject(context, project_id, subject, { measured: NOT_MEASURED, observedAtMs: now })
  return {
    id: newObservationId(now),
    project_id,
    endpoint_id: null,
    revision: null,
    subject,
    ...observed,
    predictor: context.predictor.id,
    refinement: context.active.get(project_id)?.number ?? null,
    started_at: isoNow(context),
    observed_at: isoNow(context),
  }
}
