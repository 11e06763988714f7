/** Creating and revoking: API tokens and inference keys behave alike. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, client } from '../../../api.ts'

export type SecretKind = 'token' | 'key'

const listKey = (kind: SecretKind) => (kind === 'token' ? api.tokens.list.key() : api.inferenceKeys.list.key())

export interface NewSecret {
  name: string
  /** Tokens only; undefined: never. */
  expiresInDays: number | undefined
}

export function useCreateSecret(kind: SecretKind) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ name, expiresInDays }: NewSecret) =>
      kind === 'token'
        ? client.tokens.create({ name, ...(expiresInDays ? { expires_in_days: expiresInDays } : {}) })
        : client.inferenceKeys.create({ name }),
    onSuccess: () => queries.invalidateQueries({ queryKey: listKey(kind) }),
  })
}

export function useRevokeSecret(kind: SecretKind) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => (kind === 'token' ? client.tokens.revoke({ id }) : client.inferenceKeys.revoke({ id })),
    onSuccess: () => queries.invalidateQueries({ queryKey: listKey(kind) }),
  })
}
