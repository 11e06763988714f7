import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useDeleteConnection() {
  const queries = useQueryClient()
  return useMutation(
    api.connections.delete.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.connections.key() }),
    }),
  )
}
