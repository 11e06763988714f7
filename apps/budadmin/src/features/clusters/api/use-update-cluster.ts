import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useUpdateCluster() {
  const queries = useQueryClient()
  return useMutation(
    api.clusters.update.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.clusters.key() }),
    }),
  )
}
