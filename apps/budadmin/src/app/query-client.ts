/** How answers are kept: fresh until an event says otherwise, with a slow poll as the net under it. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isUnauthenticated, toProblem } from '../prepare/problem.ts'

/** `onSignedOut` runs when any call is answered 401. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isUnauthenticated(error)) onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // Foundry may run on this very machine: what the browser thinks of the network does not hold requests back.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        retry: (count, error) => count < 2 && isWorthRetrying(error),
      },
    },
  })
}

/** Only what a moment may cure: no answer at all, or a server that is busy or starting. */
function isWorthRetrying(error: unknown): boolean {
  const { status } = toProblem(error)
  return status === 0 || status === 502 || status === 503 || status === 504
}
