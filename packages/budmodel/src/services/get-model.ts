/** One model with everything that is known of it. */
import type { Principal } from '@bud/access'
import { notFound } from '@bud/kernel'
import type { CatalogueEntry } from '../domain/listing/catalogue.ts'
import type { Context } from './context.ts'
import { catalogueDetail, type ModelDetail, toDetail } from './present-model.ts'
import { findRegistered, type Registered, readManifestFiles } from './version-rows.ts'

/** By id or name; a registered model wins over a catalogue entry of the same name. */
export async function getModel(context: Context, principal: Principal, idOrName: string): Promise<ModelDetail> {
  const { project_id } = principal
  const registered = await findRegistered(context.database.query, project_id, idOrName)
  if (!registered) {
    const entry = requireEntry(context, idOrName)
    return catalogueDetail(entry, context.catalogueSince, await context.usage.usedBy(project_id, entry.model_id))
  }
  const files = await readManifestFiles(context.database.query, registered.version.id)
  return toDetail(registered, files, await context.usage.usedBy(project_id, registered.model.id))
}

/** Refuses catalogue entries with `why`. */
export async function requireRegistered(
  context: Context,
  projectId: string,
  idOrName: string,
  why: (name: string) => Error,
): Promise<Registered> {
  const registered = await findRegistered(context.database.query, projectId, idOrName)
  if (registered) return registered
  throw why(requireEntry(context, idOrName).name)
}

export function requireEntry({ catalogue }: Context, idOrName: string): CatalogueEntry {
  const entry = catalogue.find(({ model_id, name }) => model_id === idOrName || name === idOrName)
  if (!entry) throw notFound('model', idOrName, 'GET /models lists what there is.')
  return entry
}
