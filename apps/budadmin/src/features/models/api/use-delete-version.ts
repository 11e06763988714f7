import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useDeleteVersion() {
  const queries = useQueryClient()
  return useMutation(
    api.models.deleteVersion.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.models.key() }),
    }),
  )
}
