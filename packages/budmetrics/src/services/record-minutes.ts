/** Writes minutes to the database, in batches, and forgets the old ones. */
import { lt, sql } from '@bud/platform/drizzle'
import { toStoredBuckets } from '../domain/buckets.ts'
import type { Minute } from '../domain/minute.ts'
import type { ScrapeTarget } from '../ports.ts'
import { type Context, isoOf } from './context.ts'
import { alerts, minutes } from './tables.ts'

export interface MinuteOfEndpoint {
  target: ScrapeTarget
  minute: Minute
}

/** Rows of one statement: 16 parameters each, of 65,535 that PostgreSQL takes. */
const BATCH = 500
const DAY_MS = 86_400_000

/** A minute that is there already becomes the sum of both parts: buckets laid together, counts added. */
export async function recordMinutes({ database }: Context, list: readonly MinuteOfEndpoint[]): Promise<void> {
  for (let start = 0; start < list.length; start += BATCH) {
    await database.query
      .insert(minutes)
      .values(list.slice(start, start + BATCH).map(toRow))
      .onConflictDoUpdate({ target: [minutes.endpoint_id, minutes.minute], set: SUM_OF_BOTH })
  }
}

const SUMMED = ['covered_s', 'prompt_tokens', 'generation_tokens', 'gpu_percent_sum', 'gpu_samples'] as const
const LAID_TOGETHER = ['ttft', 'tpot', 'itl', 'e2e'] as const
const LARGEST = ['running_max', 'waiting_max', 'kv_usage_max'] as const

const excluded = (column: string) => sql.raw(`excluded."${column}"`)
const SUM_OF_BOTH = Object.fromEntries([
  ...SUMMED.map((name) => [name, sql`${minutes[name]} + ${excluded(name)}`]),
  ...LAID_TOGETHER.map((name) => [name, sql`${minutes[name]} || ${excluded(name)}`]),
  ...LARGEST.map((name) => [name, sql`greatest(${minutes[name]}, ${excluded(name)})`]),
])

const toRow = ({
  target,
  minute: { minute_ms, seconds: _seconds, ttft, tpot, itl, e2e, ...figures },
}: MinuteOfEndpoint) => ({
  endpoint_id: target.endpoint_id,
  minute: isoOf(minute_ms),
  project_id: target.project_id,
  engine: target.engine,
  ...figures,
  ttft: toStoredBuckets(ttft),
  tpot: toStoredBuckets(tpot),
  itl: toStoredBuckets(itl),
  e2e: toStoredBuckets(e2e),
})

/** Minutes and resolved alerts past the time they are kept. */
export async function pruneHistory({ database, clock, settings }: Context): Promise<void> {
  const before = (days: number) => isoOf(clock.nowMs() - days * DAY_MS)
  await database.query.delete(minutes).where(lt(minutes.minute, before(settings.keep_minutes_days)))
  await database.query.delete(alerts).where(lt(alerts.resolved_at, before(settings.keep_alerts_days)))
}
