/** What deployment needs of a model: facts to plan with, and the pinned files to run. */
import { BudError, type ModelFacts, type ModelVersionState } from '@bud/kernel'
import { catalogueState } from '../domain/listing/catalogue.ts'
import type { Manifest } from '../domain/manifest.ts'
import type { Context } from './context.ts'
import { requireEntry } from './get-model.ts'
import { findRegistered, readManifestFiles, stateOf } from './version-rows.ts'

export interface DeployableModel {
  model_id: string
  name: string
  version_id: string
  /** Null while they are not known: importing, or failed. */
  facts: ModelFacts | null
  /** Null without files. */
  manifest: Manifest | null
  /** Only `available` may be deployed: "not scanned" is never "clean". */
  state: ModelVersionState
  has_files: boolean
}

/** By id or name. Throws not-found; every state is answered, for the caller to refuse with all its reasons at once. */
export async function resolveForDeployment(
  context: Context,
  projectId: string,
  idOrName: string,
): Promise<DeployableModel> {
  const registered = await findRegistered(context.database.query, projectId, idOrName)
  if (!registered) {
    const { model_id, version_id, name, facts } = requireEntry(context, idOrName)
    return {
      model_id,
      name,
      version_id,
      facts,
      manifest: null,
      state: catalogueState(context.catalogueSince),
      has_files: false,
    }
  }
  const { model, version } = registered
  const { digest } = version
  const manifest =
    digest === null ? null : { digest, files: await readManifestFiles(context.database.query, version.id) }
  return {
    model_id: model.id,
    name: model.name,
    version_id: version.id,
    facts: version.facts,
    manifest,
    state: stateOf(version),
    has_files: manifest !== null,
  }
}

/** Why a version's files are not handed out; undefined when they are. Worth waiting for while it is scanned again. */
export function handoutRefusal(name: string, state: ModelVersionState): BudError | undefined {
  if (state.name === 'available') return undefined
  const waiting = state.name === 'importing' || state.name === 'scanning'
  return new BudError(
    waiting ? 'unavailable' : 'conflict',
    waiting
      ? `The model "${name}" is ${state.name}: its files are handed out once the scan has passed.`
      : `The files of "${name}" are not handed out: the model is ${state.name}.`,
    { reasons: state.reasons },
  )
}
