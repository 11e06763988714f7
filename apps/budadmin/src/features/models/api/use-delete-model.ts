import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useDeleteModel() {
  const queries = useQueryClient()
  return useMutation(
    api.models.delete.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.models.list.key() }),
    }),
  )
}
