/** Quality scores: of model cards, and of what people import. */
import type { Queryable } from '@bud/platform'
import { and, asc, eq, isNull, or, sql } from '@bud/platform/drizzle'
import type { CardBenchmark } from '../../domain/card/model-index.ts'
import type { VersionRef } from '../context.ts'
import { benchmarks, models } from '../tables.ts'
import type { ListingContext } from './listing-context.ts'

export interface ModelBenchmark {
  benchmark: string
  metric: string | null
  score: number
  source: string
  recorded_by: string | null
  recorded_at: string | null
}

/** Of a registered model or a catalogue entry, with those of one version's card; of the version shown when not told. */
export async function benchmarksOf(
  { database }: Pick<ListingContext, 'database'>,
  projectId: string,
  modelId: string,
  versionId?: string,
): Promise<ModelBenchmark[]> {
  const shown = sql`(select ${models.shown_version_id} from ${models} where ${models.id} = ${modelId})`
  const ofVersion = eq(benchmarks.version_id, versionId ?? shown)
  const rows = await database.query
    .select()
    .from(benchmarks)
    .where(
      and(
        eq(benchmarks.project_id, projectId),
        eq(benchmarks.model_id, modelId),
        or(isNull(benchmarks.version_id), ofVersion),
      ),
    )
    .orderBy(asc(sql`lower(${benchmarks.benchmark})`), asc(benchmarks.metric), asc(benchmarks.source))
  return rows.map(({ benchmark, metric, score, source, recorded_by, recorded_at, version_id }) => ({
    benchmark,
    metric: metric === '' ? null : metric,
    score,
    source,
    recorded_by: version_id === null ? recorded_by : null,
    recorded_at: version_id === null ? recorded_at : null,
  }))
}

/** Idempotent: the scores of the version's card, none of an earlier reading. Of one score stated twice the last holds. */
export async function saveCardBenchmarks(
  tx: Queryable,
  { project_id, model_id, version_id }: VersionRef,
  stated: readonly CardBenchmark[],
  recorded: { by: string; at: string },
): Promise<void> {
  await tx.delete(benchmarks).where(eq(benchmarks.version_id, version_id))
  const rows = stated.map(({ benchmark, metric, config, score, source }) => ({
    project_id,
    model_id,
    version_id,
    benchmark,
    metric: [metric, config].filter((part) => part !== null).join(', '),
    score,
    source,
    recorded_by: recorded.by,
    recorded_at: recorded.at,
  }))
  const once = new Map(rows.map((row) => [JSON.stringify([row.benchmark, row.metric, row.source]), row]))
  if (once.size > 0) await tx.insert(benchmarks).values([...once.values()])
}

/** With the model: scores of catalogue entries outlive no model, so no foreign key takes them along. */
export async function deleteBenchmarks(tx: Queryable, projectId: string, modelId: string): Promise<void> {
  await tx.delete(benchmarks).where(and(eq(benchmarks.project_id, projectId), eq(benchmarks.model_id, modelId)))
}
