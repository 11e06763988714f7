/** `POST /models`: checks what can be checked at once, then hands over to the durable import. */
import type { Principal } from '@bud/access'
import { conflict, createId, invalidInput } from '@bud/kernel'
import type { Claims } from '../domain/facts/claims.ts'
import { missingFiles } from '../domain/facts/required-files.ts'
import { type Context, nameOf, nowOf, type VersionRef } from './context.ts'
import { type ModelFlow, startFlow } from './flow-starts.ts'
import { findSource } from './import-files.ts'
import { IMPORT_STEPS } from './operation-steps.ts'
import { models, versions } from './tables.ts'
import { requireFree, takeUpload, uploadIdOf } from './uploads.ts'
import { findRegistered } from './version-rows.ts'

export interface RegisterModel extends Claims {
  name: string
  source_path: string
}

export interface AcceptedModel {
  id: string
  operation_id: string
}

/** Answers when the registration is durable; the import goes on by itself, also after a crash. */
export async function registerModel(
  context: Context,
  flow: ModelFlow,
  principal: Principal,
  input: RegisterModel,
): Promise<AcceptedModel> {
  await refuseTakenName(context, principal.project_id, input.name)
  await checkSource(context, principal.project_id, input.source_path)
  const nowMs = context.clock.nowMs()
  const ref = {
    project_id: principal.project_id,
    model_id: createId('model', nowMs),
    version_id: createId('mver', nowMs),
  }
  const operation_id = createId('op', nowMs)
  await insert(context, principal, input, ref, operation_id)
  context.events.publish({ project_id: ref.project_id, type: 'model.changed', id: ref.model_id })
  await startFlow(context, flow, operation_id, ref)
  return { id: ref.model_id, operation_id }
}

async function checkSource(context: Context, projectId: string, sourcePath: string): Promise<void> {
  const uploadId = uploadIdOf(sourcePath)
  if (uploadId !== undefined) await requireFree(context.database.query, projectId, uploadId)
  const { source, location } = findSource(context, sourcePath)
  const { files, refused } = await source.list(location)
  const missing = missingFiles(files)
  if (missing.length === 0) return
  const reasons = missing.map((reason) => ({ ...reason, path: 'source_path' }))
  const refusals = refused.map(({ path, rule, message }) => ({ code: rule, message, path }))
  throw invalidInput(`There is no complete model at ${sourcePath}: ${missing[0]?.message}`, [...reasons, ...refusals])
}

async function insert(
  context: Context,
  principal: Principal,
  input: RegisterModel,
  ref: VersionRef,
  operation_id: string,
): Promise<void> {
  const { name, source_path, architecture, parameter_count, context_length } = input
  const { project_id, model_id, version_id } = ref
  const created_at = nowOf(context)
  const claims: Claims = { architecture, parameter_count, context_length }
  const taken = await context.database.transact(async (tx) => {
    const inserted = await tx
      .insert(models)
      .values({
        id: model_id,
        project_id,
        name,
        source_path,
        registered_by: nameOf(principal),
        created_at,
      })
      .onConflictDoNothing()
      .returning({ id: models.id })
    if (inserted.length === 0) return true
    await tx.insert(versions).values({
      id: version_id,
      project_id,
      model_id,
      number: 1,
      state: 'importing',
      state_since: created_at,
      operation_id,
      claims,
      architecture,
      parameter_count,
      context_length,
    })
    const uploadId = uploadIdOf(source_path)
    if (uploadId !== undefined) await takeUpload(tx, project_id, uploadId, model_id)
    await context.operations.create(
      {
        id: operation_id,
        project_id,
        kind: 'import-and-scan',
        subject_id: model_id,
        created_by: nameOf(principal),
        steps: IMPORT_STEPS,
      },
      tx,
    )
    return false
  })
  if (taken) await refuseTakenName(context, project_id, name)
}

async function refuseTakenName(context: Context, projectId: string, name: string): Promise<void> {
  const found = await findRegistered(context.database.query, projectId, name)
  if (!found) return
  const { model, version } = found
  throw conflict(`A model named "${name}" is registered already (${model.id}, ${version.state}).`, [
    {
      code: 'name-taken',
      message: `${model.id} was registered by ${model.registered_by} on ${model.created_at.slice(0, 10)}.`,
      path: 'name',
      next_step: 'Choose another name, or delete that model first.',
    },
  ])
}
