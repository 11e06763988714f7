/** The model version an endpoint runs, with its state of today. */
import type { DeployableModel, EndpointRecord } from '../../domain/records.ts'
import type { Context } from '../context.ts'

/** Facts and manifest are those the endpoint was accepted with; the registry may hold a newer version by now. */
export async function deployableModelOf(context: Context, endpoint: EndpointRecord): Promise<DeployableModel> {
  const known = await context.models.resolveForDeployment(endpoint.project_id, endpoint.model_id)
  const { version_id, facts, manifest } = endpoint
  const own = { ...known, version_id, facts, manifest, has_files: manifest !== null }
  if (known.version_id === version_id) return own
  return { ...own, state: { name: 'available', since: endpoint.created_at, reasons: [] } }
}
