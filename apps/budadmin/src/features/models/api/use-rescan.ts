import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useRescan() {
  const queries = useQueryClient()
  return useMutation(
    api.models.rescan.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.models.key() }) }),
  )
}
