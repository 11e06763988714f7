/** What a person's reference means: a model of the project, one version of it, or a catalogue entry. */
import { isId, notFound } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import type { CatalogueEntry } from '../domain/listing/catalogue.ts'
import { parseReference } from '../domain/versions.ts'
import type { Context } from './context.ts'
import { findModel, findVersion, findVersionOf, listVersions, type ModelRow, type Registered } from './version-rows.ts'

export type Found = { registered: Registered } | { entry: CatalogueEntry }
type Looking = Pick<Context, 'database' | 'catalogue'>

/** "name", "name@3", "name@production", an id of a model or a version. A registered model wins over an entry of its name. */
export async function findReference(context: Looking, projectId: string, reference: string): Promise<Found> {
  const { query } = context.database
  if (isId('mver', reference)) {
    const found = await findVersion(query, reference)
    if (found?.model.project_id === projectId) return { registered: found }
  }
  const parsed = parseReference(reference)
  if (!parsed)
    throw notFound('model', printable(reference), 'After "@" comes a version’s number, "staging" or "production".')
  const model = await findModel(query, projectId, parsed.idOrName)
  if (model) {
    const wanted = parsed.version ?? { id: model.shown_version_id }
    const registered = await findVersionOf(query, model.id, wanted)
    if (registered) return { registered }
    throw await noSuchVersion(context, model, reference)
  }
  const entry = context.catalogue.find(({ version_id }) => version_id === reference)
  if (entry) return { entry }
  return { entry: requireEntry(context, parsed.idOrName) }
}

/** Refuses catalogue entries with `why`. */
export async function requireRegistered(
  context: Looking,
  projectId: string,
  reference: string,
  why: (name: string) => Error,
): Promise<Registered> {
  const found = await findReference(context, projectId, reference)
  if ('registered' in found) return found.registered
  throw why(found.entry.name)
}

/** The whole model, whichever version a reference names. */
export async function requireModel(
  context: Looking,
  projectId: string,
  idOrName: string,
  why: (name: string) => Error,
): Promise<ModelRow> {
  const { model } = await requireRegistered(context, projectId, idOrName, why)
  return model
}

function requireEntry({ catalogue }: Looking, idOrName: string): CatalogueEntry {
  const entry = catalogue.find(({ model_id, name }) => model_id === idOrName || name === idOrName)
  if (!entry) throw notFound('model', idOrName, 'GET /models lists what there is.')
  return entry
}

async function noSuchVersion({ database }: Looking, model: ModelRow, reference: string): Promise<Error> {
  const known = await listVersions(database.query, model.id)
  const told = known.slice(0, 20).map(({ number, aliases }) => [`@${number}`, ...aliases.map((a) => `@${a}`)].join(' '))
  return notFound('model version', reference, `"${model.name}" has ${told.join(', ')}.`)
}
