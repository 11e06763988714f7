import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useCreateCluster() {
  const queries = useQueryClient()
  return useMutation(
    api.clusters.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.clusters.key() }),
    }),
  )
}
