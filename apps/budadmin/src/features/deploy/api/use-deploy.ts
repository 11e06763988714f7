import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useDeploy() {
  const queries = useQueryClient()
  return useMutation(
    api.endpoints.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: api.endpoints.list.key() }),
    }),
  )
}
