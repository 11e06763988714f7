import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useOptimise() {
  const queries = useQueryClient()
  return useMutation(
    api.optimizations.create.mutationOptions({
      onSuccess: (result) => {
        queries.setQueryData(api.optimizations.get.queryKey({ input: { id: result.id } }), result)
        return queries.invalidateQueries({ queryKey: api.optimizations.list.key() })
      },
    }),
  )
}
