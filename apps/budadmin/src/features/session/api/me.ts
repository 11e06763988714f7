import { api } from '../../../api.ts'

/** Who is signed in; never retried, so that a missing session shows at once. */
export const meQuery = () => api.system.me.queryOptions({ retry: false, staleTime: 60_000 })
