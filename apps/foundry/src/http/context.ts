/** What a request's handler is given: who asks. The services come in once, when the router is made. */
import type { Principal } from '@bud/access'

export interface RequestContext {
  principal: Principal
}

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal
  }
}
