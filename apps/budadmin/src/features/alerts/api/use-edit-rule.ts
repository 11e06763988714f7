import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useEditRule() {
  const queries = useQueryClient()
  return useMutation(
    api.endpoints.editAlertRule.mutationOptions({
      onSuccess: (_rule, { id }) =>
        Promise.all([
          queries.invalidateQueries({ queryKey: api.endpoints.alertRules.key({ input: { id } }) }),
          queries.invalidateQueries({ queryKey: api.endpoints.metrics.key({ input: { id } }) }),
        ]),
    }),
  )
}
