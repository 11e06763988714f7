import { api } from '../../../api.ts'

export const LOG_LINES = 200

export const logsQuery = (id: string) =>
  api.endpoints.logs.queryOptions({ input: { id, lines: LOG_LINES }, refetchInterval: 3_000 })
