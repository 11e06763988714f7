import type { Targets } from '@bud/kernel'
import type { Caller, Context } from '../context.ts'
import { changeEndpoint, requireEndpoint } from '../store/endpoints.ts'

/** Replaces all targets. */
export async function setTargets(
  { database, events }: Context,
  caller: Caller,
  idOrName: string,
  targets: Targets,
): Promise<{ id: string; name: string; targets: Targets }> {
  const { id, name } = await requireEndpoint(database.query, caller.project_id, idOrName)
  await changeEndpoint(database.query, id, { targets })
  events.publish({ project_id: caller.project_id, type: 'endpoint.changed', id })
  return { id, name, targets }
}
