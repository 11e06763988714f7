/** Alerts as rows: the open ones are read back after a restart, every evaluation is written in one transaction. */
import { type Alert, createId } from '@bud/kernel'
import { inArray, ne, sql } from '@bud/platform/drizzle'
import type { OpenAlert } from '../domain/assess-alert.ts'
import { type Context, isoOf } from './context.ts'
import { alerts } from './tables.ts'

type Row = typeof alerts.$inferSelect

/** An open alert with what names it. */
export interface KnownAlert {
  id: string
  project_id: string
  endpoint_id: string
  endpoint_name: string
  rule: Alert['rule']
  open: OpenAlert
}

export interface AlertChanges {
  saved: { alert: KnownAlert; state: Alert['state'] }[]
  /** Pending ones that ended before they fired: nothing remains of them. */
  dropped: KnownAlert[]
}

export const newAlertId = (nowMs: number): string => createId('alert', nowMs)

/**
 * What was open when the last process stopped. Between then and now nobody looked: that time counts as unknown, so a
 * firing alert goes on firing and a pending one starts anew when the hole is too long.
 */
export async function loadOpenAlerts({ database }: Context): Promise<KnownAlert[]> {
  const rows = await database.query.select().from(alerts).where(ne(alerts.state, 'resolved'))
  return rows.map((row) => ({
    id: row.id,
    project_id: row.project_id,
    endpoint_id: row.endpoint_id,
    endpoint_name: row.endpoint_name,
    rule: row.rule,
    open: {
      state: row.state === 'firing' ? 'firing' : 'pending',
      pending_at_ms: Date.parse(row.pending_at),
      firing_at_ms: msOf(row.firing_at),
      clear_since_ms: null,
      unknown_since_ms: msOf(row.unknown_since) ?? Date.parse(row.evaluated_at),
      value: row.value,
      message: row.message,
    },
  }))
}

export async function saveAlerts({ database, clock }: Context, { saved, dropped }: AlertChanges): Promise<void> {
  if (saved.length === 0 && dropped.length === 0) return
  const now = isoOf(clock.nowMs())
  await database.transact(async (tx) => {
    const gone = dropped.map(({ id }) => id)
    if (gone.length > 0) await tx.delete(alerts).where(inArray(alerts.id, gone))
    if (saved.length === 0) return
    const rows = saved.map(({ alert, state }) => toRow(alert, state, now))
    await tx.insert(alerts).values(rows).onConflictDoUpdate({ target: alerts.id, set: EXCLUDED })
  })
}

const CHANGING = [
  'endpoint_name',
  'state',
  'rule',
  'value',
  'message',
  'pending_at',
  'firing_at',
  'resolved_at',
  'clear_since',
  'unknown_since',
  'evaluated_at',
] as const
const EXCLUDED = Object.fromEntries(CHANGING.map((name) => [name, sql.raw(`excluded."${name}"`)]))

const toRow = ({ open, rule, ...names }: KnownAlert, state: Alert['state'], now: string): Row => ({
  ...names,
  metric: rule.metric,
  state,
  rule,
  value: open.value,
  message: open.message,
  pending_at: isoOf(open.pending_at_ms),
  firing_at: isoOrNull(open.firing_at_ms),
  resolved_at: state === 'resolved' ? now : null,
  clear_since: isoOrNull(open.clear_since_ms),
  unknown_since: isoOrNull(open.unknown_since_ms),
  evaluated_at: now,
})

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoOf(ms))
const msOf = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))
