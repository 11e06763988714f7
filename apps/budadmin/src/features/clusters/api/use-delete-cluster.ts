import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useDeleteCluster() {
  const queries = useQueryClient()
  return useMutation(
    api.clusters.delete.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.clusters.key() }),
    }),
  )
}
