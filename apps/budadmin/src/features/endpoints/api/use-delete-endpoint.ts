import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useDeleteEndpoint() {
  const queries = useQueryClient()
  return useMutation(
    api.endpoints.delete.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.endpoints.key() }),
    }),
  )
}
