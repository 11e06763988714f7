/** `POST /benchmarks`: quality scores that somebody measured, of registered models and catalogue entries. All or none. */
import type { Principal } from '@bud/access'
import { type Clock, type ErrorReason, invalidInput } from '@bud/kernel'
import type { Database, Queryable } from '@bud/platform'
import { sql } from '@bud/platform/drizzle'
import { type ImportedBenchmark, parseBenchmarks } from '../../domain/card/parse-benchmarks.ts'
import { nameOf, nowOf } from '../context.ts'
import { benchmarks } from '../tables.ts'
import { ORIGINS, rowsOf, textArray, unionAll } from './listed-rows.ts'

export interface ImportBenchmarks {
  format: 'csv' | 'json'
  content: string
}

/** Of a score whose import does not say where it is from. */
const UNNAMED_SOURCE = 'import'
const ROWS_PER_INSERT = 5000
const MOST_TOLD = 100

/** Scores of the same benchmark, metric and source are replaced. Models by id or name; unknown ones are all named. */
export async function importBenchmarks(
  context: { database: Database; clock: Clock },
  principal: Principal,
  { format, content }: ImportBenchmarks,
): Promise<{ imported: number; models: number }> {
  const { project_id } = principal
  const imported = parseBenchmarks(format, content)
  const ids = await findIds(context.database.query, project_id, [...new Set(imported.map(({ model }) => model))])
  const problems = [...unknownModels(imported, ids), ...namedTwice(imported, ids)]
  if (problems.length > 0) throw refused(problems)
  const rows = imported.map((one) => ({
    project_id,
    model_id: ids.get(one.model) ?? '',
    benchmark: one.benchmark,
    metric: one.metric ?? '',
    source: one.source ?? UNNAMED_SOURCE,
    score: one.score,
    recorded_by: nameOf(principal),
    recorded_at: one.measured_at ?? nowOf(context),
  }))
  await context.database.transact((tx) => replaceScores(tx, rows))
  return { imported: rows.length, models: new Set(rows.map(({ model_id }) => model_id)).size }
}

async function replaceScores(tx: Queryable, rows: readonly (typeof benchmarks.$inferInsert)[]): Promise<void> {
  const { project_id, model_id, version_id, benchmark, metric, source } = benchmarks
  for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
    await tx
      .insert(benchmarks)
      .values(rows.slice(at, at + ROWS_PER_INSERT))
      .onConflictDoUpdate({
        target: [project_id, model_id, version_id, benchmark, metric, source],
        set: {
          score: sql`excluded.score`,
          recorded_by: sql`excluded.recorded_by`,
          recorded_at: sql`excluded.recorded_at`,
        },
      })
  }
}

/** Ids by what they were asked for by. An id wins over a model that is named like one. */
async function findIds(query: Queryable, projectId: string, wanted: readonly string[]): Promise<Map<string, string>> {
  const clean = textArray(wanted.filter((name) => !name.includes('\0')))
  const named = sql`(l.id = any(${clean}) or l.name = any(${clean}))`
  const { rows } = await query.execute<{ id: string; name: string }>(
    unionAll(ORIGINS.map((origin) => sql`select l.id, l.name ${rowsOf(origin, projectId, [named])}`)),
  )
  return new Map([
    ...rows.map(({ id, name }): [string, string] => [name, id]),
    ...rows.map(({ id }): [string, string] => [id, id]),
  ])
}

function unknownModels(imported: readonly ImportedBenchmark[], ids: ReadonlyMap<string, string>): ErrorReason[] {
  const first = new Map<string, ImportedBenchmark>()
  for (const one of imported) if (!ids.has(one.model) && !first.has(one.model)) first.set(one.model, one)
  return [...first.values()].map(({ model, place }) => ({
    code: 'unknown-model',
    message: `There is no model ${JSON.stringify(model)} in the registry or the catalogue.`,
    path: 'model',
    evidence: place,
    next_step: 'Register it first, or correct the name; nothing was kept.',
  }))
}

/** By its name in one place and by its id in another: the parser cannot know that they are one. */
function namedTwice(imported: readonly ImportedBenchmark[], ids: ReadonlyMap<string, string>): ErrorReason[] {
  const first = new Map<string, string>()
  return imported.flatMap(({ model, benchmark, metric, source, place }) => {
    const id = ids.get(model)
    const key = JSON.stringify([id, benchmark, metric ?? '', source ?? UNNAMED_SOURCE])
    const before = first.get(key)
    if (before === undefined || id === undefined) {
      first.set(key, place)
      return []
    }
    const message = `It gives the same benchmark of ${model} again as ${before}.`
    return [{ code: 'score-twice', message, evidence: place, next_step: 'Keep one of them; nothing was kept.' }]
  })
}

const refused = (problems: readonly ErrorReason[]): Error =>
  invalidInput(
    problems.length === 1
      ? `The scores cannot be kept: ${problems[0]?.message}`
      : `${problems.length} problems in the scores.`,
    problems.slice(0, MOST_TOLD),
  )
