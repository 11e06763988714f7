import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { dropPlaygroundKey } from '../../playground/api/playground-key.ts'

/** Gives the playground's key back, ends the session and forgets everything that was read under it. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    await dropPlaygroundKey()
    await fetch('/api/auth/sign-out', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      credentials: 'same-origin',
    })
    queries.clear()
    await navigate({ to: '/sign-in' })
  }
}
