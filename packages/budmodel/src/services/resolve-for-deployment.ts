/** What deployment needs of a model: facts to plan with, and the pinned files to run. */
import { BudError, type ModelFacts, type ModelVersionState, type Reason, type Stage } from '@bud/kernel'
import type { Licence } from '../domain/licences/licence.ts'
import { catalogueState } from '../domain/listing/catalogue.ts'
import type { Manifest } from '../domain/manifest.ts'
import { judgeLicence } from '../domain/policy/judge-licence.ts'
import type { Context } from './context.ts'
import { currentPolicy } from './current-policy.ts'
import { findReference } from './find-reference.ts'
import { judgedNow } from './judge-version.ts'
import { type Registered, readManifestFiles, stateOf } from './version-rows.ts'

export interface LicenceVerdict {
  action: 'allow' | 'warn' | 'block'
  reasons: Reason[]
}

export interface DeployableModel {
  model_id: string
  name: string
  version_id: string
  /** Null while they are not known: importing, failed, or an adapter, which is none by itself. */
  facts: ModelFacts | null
  /** Null without files. */
  manifest: Manifest | null
  /** Only `available` may be deployed: "not scanned" is never "clean". */
  state: ModelVersionState
  has_files: boolean
  /** What the owner's policy says of the licence, by the cluster's stage. */
  licence: Record<Stage, LicenceVerdict>
}

/** Throws not-found; every state is answered, for the caller to refuse with all its reasons at once. */
export async function resolveForDeployment(
  context: Context,
  projectId: string,
  reference: string,
): Promise<DeployableModel> {
  const found = await findReference(context, projectId, reference)
  if ('registered' in found) return deployableVersion(context, await judgedNow(context, found.registered))
  const { model_id, version_id, name, facts, licence } = found.entry
  return {
    model_id,
    name,
    version_id,
    facts,
    manifest: null,
    state: catalogueState(context.catalogueSince),
    has_files: false,
    licence: await licenceVerdicts(context, licence?.licence ?? null),
  }
}

async function deployableVersion(context: Context, { model, version }: Registered): Promise<DeployableModel> {
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
    licence: await licenceVerdicts(context, version.licence?.licence ?? null),
  }
}

/** A policy that cannot be read lets no licence into production. */
export async function licenceVerdicts(
  context: Pick<Context, 'policyFile'>,
  licence: Licence | null,
): Promise<Record<Stage, LicenceVerdict>> {
  try {
    const { policy } = await currentPolicy(context)
    return {
      staging: judgeLicence(licence, 'staging', policy),
      production: judgeLicence(licence, 'production', policy),
    }
  } catch (error) {
    if (!(error instanceof BudError)) throw error
    const message = `${context.policyFile.described} cannot be used, so no licence is judged: ${error.message}`
    const reasons: Reason[] = [{ code: 'policy-unreadable', message, next_step: 'Mend the policy.' }]
    return { staging: { action: 'warn', reasons }, production: { action: 'block', reasons } }
  }
}

/** Why a version's files are not handed out; undefined when they are. Worth waiting for while it is scanned. */
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
