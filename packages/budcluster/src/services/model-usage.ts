import type { ModelUsage } from '@bud/budmodel'
import type { Context } from './context.ts'
import { listEndpoints } from './store/endpoints.ts'

/** Which endpoints use a model, for the registry; failed ones count until they are deleted. */
export const createModelUsage = ({ database }: Pick<Context, 'database'>): ModelUsage => ({
  async usedBy(projectId, modelId) {
    const users = await listEndpoints(database.query, { project_id: projectId, model_id: modelId })
    return users.map(({ id, name, version_id }) => ({ endpoint_id: id, endpoint_name: name, version_id }))
  },
})
