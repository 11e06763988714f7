/** Registered models as rows, many at once and made up alike each time: what lists, counts and searches are tried on. */
import { createId, type ModelFacts, type ModelVersionStateName } from '@bud/kernel'
import type { Database } from '@bud/platform'
import { sql } from '@bud/platform/drizzle'
import type { ModelModality } from '../domain/listing/modality.ts'
import { searchTerms, toVectorLiteral } from '../domain/listing/search-terms.ts'
import { shapeKeyOf } from '../domain/listing/shape-key.ts'
import { benchmarks, models, versions } from '../services/tables.ts'

export interface ListedModel {
  name: string
  kind: 'model' | 'adapter'
  state: ModelVersionStateName
  facts: ModelFacts | null
  modality: ModelModality
  licence: { id: string; name: string; class: 'permissive' | 'conditional' | 'non-commercial' | 'unknown' } | null
  tags: string[]
  cardTags: string[]
  description: string
  versionCount: number
  benchmarks: { benchmark: string; score: number }[]
}

const ROWS_PER_INSERT = 500

/** Ids of the models, in the order given: each is newer than the one before. */
export async function insertListedModels(
  database: Database,
  projectId: string,
  listed: readonly ListedModel[],
  firstMs = 1_700_000_000_000,
): Promise<string[]> {
  const ids: string[] = []
  for (let at = 0; at < listed.length; at += ROWS_PER_INSERT) {
    const rows = listed
      .slice(at, at + ROWS_PER_INSERT)
      .map((one, index) => rowsOf(projectId, one, firstMs + at + index))
    await database.transact(async (tx) => {
      await tx.insert(models).values(rows.map(({ model }) => model))
      await tx.insert(versions).values(rows.flatMap((row) => row.versions))
      const scores = rows.flatMap((row) => row.benchmarks)
      if (scores.length > 0) await tx.insert(benchmarks).values(scores)
    })
    ids.push(...rows.map(({ model }) => model.id))
  }
  return ids
}

function rowsOf(project_id: string, one: ListedModel, atMs: number) {
  const id = createId('model', atMs)
  const created_at = new Date(atMs).toISOString()
  const { name, kind, state, facts, modality, licence, tags, cardTags, description } = one
  const version = {
    project_id,
    model_id: id,
    kind,
    state,
    state_since: created_at,
    operation_id: createId('op', atMs),
    source_path: `s3://models/${name}`,
    registered_by: 'Ada',
    created_at,
    claims: {},
    architecture: facts?.architecture ?? null,
    parameter_count: facts?.parameter_count ?? null,
    active_parameter_count: facts?.active_parameter_count ?? null,
    context_length: facts?.context_length ?? null,
    modality,
    licence_id: licence?.id ?? null,
    licence_name: licence?.name ?? null,
    licence_class: licence?.class ?? ('unknown' as const),
    card_tags: cardTags,
    shape_key: facts === null ? null : shapeKeyOf(facts),
    search: sql<string>`${toVectorLiteral(searchTerms(name, facts?.architecture, ...cardTags, description))}::tsvector`,
    facts,
    digest: state === 'importing' ? null : '0'.repeat(64),
  }
  const numbered = Array.from({ length: one.versionCount }, (_, index) => ({
    ...version,
    id: createId('mver', atMs),
    number: index + 1,
  }))
  const shown = numbered.at(-1)
  if (!shown) throw new RangeError(`${name} has no version`)
  return {
    model: { id, project_id, name, description, tags, shown_version_id: shown.id, registered_by: 'Ada', created_at },
    versions: numbered,
    benchmarks: one.benchmarks.map(({ benchmark, score }) => ({
      project_id,
      model_id: id,
      benchmark,
      source: 'import',
      score,
      recorded_by: 'Ada',
      recorded_at: created_at,
    })),
  }
}

/** One model with everything else ordinary. */
export const listedModel = (change: Partial<ListedModel> & { name: string }): ListedModel => ({
  kind: 'model',
  state: 'available',
  facts: null,
  modality: 'text',
  licence: null,
  tags: [],
  cardTags: [],
  description: '',
  versionCount: 1,
  benchmarks: [],
  ...change,
})
