import { api } from '../../../api.ts'

export const alertRulesQuery = (endpointId: string) =>
  api.endpoints.alertRules.queryOptions({ input: { id: endpointId } })
