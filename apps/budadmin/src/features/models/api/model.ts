import { skipToken } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** By id, name or version reference, e.g. "name@3". */
export const modelQuery = (reference: string | undefined) =>
  api.models.get.queryOptions({ input: reference ? { id: reference } : skipToken })
