import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

/** Stored reports are judged anew, so that models change with the policy. */
export function useReplacePolicy() {
  const queries = useQueryClient()
  return useMutation(
    api.modelPolicy.replace.mutationOptions({
      onSuccess: (policy) => {
        queries.setQueryData(api.modelPolicy.get.queryKey(), policy)
        return queries.invalidateQueries({ queryKey: api.models.key() })
      },
    }),
  )
}
