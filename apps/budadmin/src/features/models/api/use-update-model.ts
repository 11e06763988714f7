import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../../api.ts'

export function useUpdateModel() {
  const queries = useQueryClient()
  return useMutation(
    api.models.update.mutationOptions({ onSuccess: () => queries.invalidateQueries({ queryKey: api.models.key() }) }),
  )
}
