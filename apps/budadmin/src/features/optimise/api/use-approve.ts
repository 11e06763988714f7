/** Approves a configuration and sets it to work: as a new endpoint, or as a rolling update of one. */
import type { Deployment } from '@bud/kernel'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, client } from '../../../api.ts'

export interface ApprovalRequest {
  optimizationId: string
  candidate: number
  /** Only when it was edited. */
  deployment: Deployment | undefined
  target: { kind: 'new'; name: string } | { kind: 'update'; endpointId: string }
}

/** Resolves with the endpoint's id. */
export function useApprove() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ optimizationId, candidate, deployment, target }: ApprovalRequest) => {
      const approval = await client.optimizations.approve({
        id: optimizationId,
        candidate,
        ...(deployment ? { deployment } : {}),
      })
      const accepted =
        target.kind === 'new'
          ? await client.endpoints.create({ name: target.name, approval_id: approval.id })
          : await client.endpoints.update({ id: target.endpointId, approval_id: approval.id })
      return accepted.id
    },
    onSettled: () => queries.invalidateQueries({ queryKey: api.key() }),
  })
}
