import { api } from '../../../api.ts'

export const modelPolicyQuery = () => api.modelPolicy.get.queryOptions()
