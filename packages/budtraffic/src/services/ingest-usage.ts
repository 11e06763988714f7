/** Takes usage from gateways, each record once. */
import type { UsageRecord } from '@bud/kernel'
import { sql } from '@bud/platform/drizzle'
import type { Context } from './context.ts'
import { inferenceKeys, usage } from './tables.ts'

/** Idempotent by record id. */
export async function ingestUsage({ database }: Context, records: readonly UsageRecord[]): Promise<void> {
  if (records.length === 0) return
  const lastUses = Object.entries(Object.groupBy(records, ({ key_id }) => key_id)).map(([key_id, own = []]) => ({
    key_id,
    at: own
      .map(({ at }) => at)
      .sort()
      .at(-1),
  }))
  await database.transact(async (tx) => {
    // One parameter for the whole batch: thousands of records stay one short statement.
    await tx.execute(sql`
      insert into ${usage} (id, at, project_id, key_id, route_id, endpoint_id, upstream_id, status, streamed,
        prompt_tokens, completion_tokens, ttft_ms, duration_ms)
      select * from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as record(id text, at timestamptz,
        project_id text, key_id text, route_id text, endpoint_id text, upstream_id text, status integer,
        streamed boolean, prompt_tokens bigint, completion_tokens bigint, ttft_ms double precision,
        duration_ms double precision)
      on conflict (id) do nothing`)
    await tx.execute(sql`
      update ${inferenceKeys} as keys set last_used_at = used.at
      from jsonb_to_recordset(${JSON.stringify(lastUses)}::jsonb) as used(key_id text, at timestamptz)
      where keys.id = used.key_id and (keys.last_used_at is null or keys.last_used_at < used.at)`)
  })
}
