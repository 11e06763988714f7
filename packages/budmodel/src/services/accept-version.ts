/** What a new model and a new version of one have in common: a place that is checked, rows, an operation, a start. */
import type { Principal } from '@bud/access'
import { createId, invalidInput } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { sql } from '@bud/platform/drizzle'
import type { Claims } from '../domain/facts/claims.ts'
import { missingFiles } from '../domain/facts/required-files.ts'
import { searchTerms, toVectorLiteral } from '../domain/listing/search-terms.ts'
import { type Context, nameOf, nowOf, type VersionRef } from './context.ts'
import { findPlace } from './find-place.ts'
import { IMPORT_STEPS } from './operation-steps.ts'
import { versions } from './tables.ts'
import { requireFree, takeUpload, uploadIdOf } from './uploads.ts'

export interface NewVersion extends Claims {
  source_path: string
}

export interface AcceptedModel {
  id: string
  operation_id: string
}

export interface Acceptance {
  ref: VersionRef
  operation_id: string
}

export function planAcceptance({ clock }: Context, project_id: string, modelId: string | undefined): Acceptance {
  const nowMs = clock.nowMs()
  return {
    ref: { project_id, model_id: modelId ?? createId('model', nowMs), version_id: createId('mver', nowMs) },
    operation_id: createId('op', nowMs),
  }
}

/** Whether there is a model to be had at all, said before anything is kept. */
export async function checkSource(context: Context, projectId: string, sourcePath: string): Promise<void> {
  const uploadId = uploadIdOf(sourcePath)
  if (uploadId !== undefined) await requireFree(context.database.query, projectId, uploadId)
  const place = await findPlace(context, projectId, sourcePath)
  const { files, refused } = await place.list()
  const missing = missingFiles(files)
  if (missing.length === 0) return
  const reasons = missing.map((reason) => ({ ...reason, path: 'source_path' }))
  const refusals = refused.map(({ path, rule, message }) => ({ code: rule, message, path }))
  throw invalidInput(`There is no complete model at ${sourcePath}: ${missing[0]?.message}`, [...reasons, ...refusals])
}

/** In the transaction that accepts it, after the model's row. */
export async function insertVersion(
  context: Context,
  tx: Queryable,
  principal: Principal,
  { ref, operation_id }: Acceptance,
  { name, number, input }: { name: string; number: number; input: NewVersion },
): Promise<void> {
  const { source_path, ...claims } = input
  const { project_id, model_id, version_id } = ref
  const created_at = nowOf(context)
  const { architecture, parameter_count, context_length } = claims
  await tx.insert(versions).values({
    id: version_id,
    project_id,
    model_id,
    number,
    state: 'importing',
    state_since: created_at,
    operation_id,
    source_path,
    registered_by: nameOf(principal),
    created_at,
    claims,
    architecture,
    parameter_count,
    context_length,
    search: sql`${toVectorLiteral(searchTerms(name, architecture))}::tsvector`,
  })
  const uploadId = uploadIdOf(source_path)
  if (uploadId !== undefined) await takeUpload(tx, project_id, uploadId, version_id)
  const subject = { project_id, kind: 'import-and-scan', subject_id: model_id, created_by: nameOf(principal) }
  await context.operations.create({ id: operation_id, ...subject, steps: IMPORT_STEPS }, tx)
}
