import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useScale() {
  const queries = useQueryClient()
  return useMutation(
    api.endpoints.scale.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.endpoints.key() }),
    }),
  )
}
