/** Puts a version of the refinement in force, an earlier one, or none: nothing that was predicted before changes. */
import { refine } from '@bud/budsim'
import { conflict, notFound } from '@bud/kernel'
import type { RefinementRecord } from '../domain/records.ts'
import { type ActiveRefinement, type Caller, type Context, isoNow } from './context.ts'
import { describeVersion, type RefinementDescription } from './list-refinements.ts'
import { findVersion, insertActivation, latestActivation, listActivations, listVersions } from './refinement-store.ts'

/** The newest version again lets later ones take its place by themselves; an earlier one stays until a person chooses. */
export async function activate(context: Context, caller: Caller, number: number): Promise<RefinementDescription> {
  const { query } = context.database
  const version = await findVersion(query, caller.project_id, number)
  if (!version) throw notFound('refinement', String(number), 'GET /refinements lists them.')
  if (version.predictor !== context.predictor.id) {
    throw conflict(
      `Refinement ${number} corrects ${version.predictor}; predictions are made by ${context.predictor.id} now. Choose a version made for it.`,
    )
  }
  const [latest] = await listVersions(query, caller.project_id, 1)
  await putInForce(context, version, { pinned: latest?.number !== number, by: caller.name })
  return describeVersion(version, number)
}

export async function deactivate(context: Context, caller: Caller): Promise<void> {
  await insertActivation(context.database.query, {
    project_id: caller.project_id,
    number: null,
    pinned: true,
    activated_by: caller.name,
    activated_at: isoNow(context),
  })
  context.active.delete(caller.project_id)
  context.events.publish({ project_id: caller.project_id, type: 'refinement.changed', id: 'none' })
}

export async function putInForce(
  context: Context,
  version: RefinementRecord,
  { pinned, by }: { pinned: boolean; by: string },
): Promise<void> {
  const { project_id, number } = version
  await insertActivation(context.database.query, {
    project_id,
    number,
    pinned,
    activated_by: by,
    activated_at: isoNow(context),
  })
  context.active.set(project_id, toActive(context, version))
  context.events.publish({ project_id, type: 'refinement.changed', id: refinementId(number) })
}

const refinementId = (number: number): string => `refinement-${number}`

/** Whether the next version made by itself may take the place of what is in force. */
export async function followsNewest(context: Context, projectId: string): Promise<boolean> {
  return !(await latestActivation(context.database.query, projectId))?.pinned
}

/** What other control-plane processes have put in force is in force here too. */
export async function loadActive(context: Context): Promise<void> {
  for (const { project_id, number } of await listActivations(context.database.query)) {
    if (number === null) context.active.delete(project_id)
    else if (context.active.get(project_id)?.number !== number) {
      const version = await findVersion(context.database.query, project_id, number)
      if (version) context.active.set(project_id, toActive(context, version))
    }
  }
}

const toActive = ({ predictor }: Context, version: RefinementRecord): ActiveRefinement => ({
  number: version.number,
  refinement: version.predictor === predictor.id ? refine(refinementId(version.number), version.observations) : null,
})
