/** The typed client that the dashboard, `bud` and the tests share. */
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { contract } from './routes.ts'

export type FoundryClient = ContractRouterClient<typeof contract>

export interface FoundryClientOptions {
  /** e.g. "http://127.0.0.1:3000" */
  url: string
  /** API token; left out in the browser, where the session cookie speaks. */
  token?: string | undefined
  fetch?: typeof globalThis.fetch
}

export function createFoundryClient(options: FoundryClientOptions): FoundryClient {
  const send = options.fetch ?? globalThis.fetch
  const link = new OpenAPILink(contract, {
    url: options.url,
    headers: () => (options.token ? { authorization: `Bearer ${options.token}` } : {}),
    fetch: (request, init) => send(request, { ...init, credentials: 'same-origin' }),
  })
  return createORPCClient(link)
}
