/** The one client of the dashboard, and its query and mutation options. */
import { createFoundryClient } from '@bud/contract'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'

/** The session cookie speaks; API and dashboard share one origin. */
export const client = createFoundryClient({ url: globalThis.location?.origin ?? 'http://localhost' })

export const api = createTanstackQueryUtils(client)
