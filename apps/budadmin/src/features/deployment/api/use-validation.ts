/** The server's word on a deployment, a moment after the last keystroke and without changing anything. */
import type { Deployment, Targets, Workload } from '@bud/kernel'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export interface ValidationInput {
  model: string
  cluster: string
  deployment: Deployment
  /** Of a new endpoint. */
  name?: string | undefined
  workload?: Workload | undefined
  targets?: Targets | undefined
  /** An update of this endpoint: the GPUs it holds count as free. */
  endpoint?: string | undefined
}

const QUIET_MS = 350

export function useValidation(input: ValidationInput | undefined) {
  const [settled] = useDebouncedValue(input, QUIET_MS)
  const query = useQuery(
    api.endpoints.validate.queryOptions({
      input: settled ?? skipToken,
      placeholderData: keepPreviousData,
      staleTime: 0,
    }),
  )
  const current = JSON.stringify(input) === JSON.stringify(settled)
  return { ...query, settled: current && !query.isFetching && !query.isPlaceholderData }
}
