import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useUpdateEndpoint() {
  const queries = useQueryClient()
  return useMutation(
    api.endpoints.update.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.endpoints.key() }),
    }),
  )
}
