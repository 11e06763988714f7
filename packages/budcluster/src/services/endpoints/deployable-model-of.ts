/** The model version an endpoint runs, with its state of today. */
import type { DeployableModel, EndpointRecord } from '../../domain/records.ts'
import type { Context } from '../context.ts'

/** Facts and manifest are those the endpoint was accepted with. */
export async function deployableModelOf(context: Context, endpoint: EndpointRecord): Promise<DeployableModel> {
  const known = await context.models.resolveForDeployment(endpoint.project_id, endpoint.version_id)
  const { version_id, facts, manifest } = endpoint
  return { ...known, version_id, facts, manifest, has_files: manifest !== null }
}
