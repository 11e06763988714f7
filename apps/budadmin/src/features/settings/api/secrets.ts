import { api } from '../../../api.ts'

export const tokensQuery = () => api.tokens.list.queryOptions()
export const inferenceKeysQuery = () => api.inferenceKeys.list.queryOptions()
export const systemQuery = () => api.system.info.queryOptions({ staleTime: 30_000 })
