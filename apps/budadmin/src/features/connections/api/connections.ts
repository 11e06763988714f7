import { api } from '../../../api.ts'

export const connectionsQuery = () => api.connections.list.queryOptions()
