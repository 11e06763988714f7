import { api } from '../../../api.ts'

export const modelQuery = (id: string) => api.models.get.queryOptions({ input: { id } })
