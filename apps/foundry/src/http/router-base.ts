/** The contract with its request context: every handler file starts from this. */
import { contract } from '@bud/contract'
import { implement } from '@orpc/server'
import type { RequestContext } from './context.ts'

export const api = implement(contract).$context<RequestContext>()
