import { skipToken } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export const comparisonQuery = (models: readonly string[]) =>
  api.models.compare.queryOptions({ input: models.length > 1 ? { models: models.join(',') } : skipToken })
