import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useCreateConnection() {
  const queries = useQueryClient()
  return useMutation(
    api.connections.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.connections.key() }),
    }),
  )
}
