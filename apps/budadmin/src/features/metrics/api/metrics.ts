import { keepPreviousData } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** Polled: new points come by the clock, not by events. */
export const metricsQuery = (id: string, minutes: number) =>
  api.endpoints.metrics.queryOptions({
    input: { id, minutes },
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  })
