/** The contract's routes in Fastify, at the root of the server. */
import { BudError, messageOf } from '@bud/kernel'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import { onError } from '@orpc/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from '../services.ts'
import { addBodyParsers } from './body-parsers.ts'
import { sendError, sendWrongMethod, toApiError } from './errors.ts'
import { inferenceKeyHandlers, signInLinkHandlers, tokenHandlers } from './handlers/access.ts'
import { clusterHandlers } from './handlers/clusters.ts'
import { alertHandlers, endpointHandlers } from './handlers/endpoints.ts'
import { modelHandlers, uploadHandlers } from './handlers/models.ts'
import { operationHandlers } from './handlers/operations.ts'
import { optimizationHandlers } from './handlers/optimizations.ts'
import { observationHandlers, refinementHandlers } from './handlers/refinements.ts'
import { artifactHandlers, connectionHandlers, modelPolicyHandlers } from './handlers/registry.ts'
import { systemHandlers } from './handlers/system.ts'
import { createIdempotencyInterceptor } from './idempotency.ts'
import { methodsAt } from './methods-at.ts'
import { api } from './router-base.ts'

const createRouter = (services: Services) =>
  api.router({
    system: systemHandlers(services),
    tokens: tokenHandlers(services),
    signInLinks: signInLinkHandlers(services),
    inferenceKeys: inferenceKeyHandlers(services),
    models: modelHandlers(services),
    uploads: uploadHandlers(services),
    connections: connectionHandlers(services),
    modelPolicy: modelPolicyHandlers(services),
    artifacts: artifactHandlers(services),
    clusters: clusterHandlers(services),
    optimizations: optimizationHandlers(services),
    endpoints: endpointHandlers(services),
    operations: operationHandlers(services),
    alerts: alertHandlers(services),
    observations: observationHandlers(services),
    refinements: refinementHandlers(services),
  })

export function addApi(server: FastifyInstance, services: Services): void {
  const handler = new OpenAPIHandler(createRouter(services), {
    rootInterceptors: [createIdempotencyInterceptor(services.platform.idempotency, server.log)],
    clientInterceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (error) {
          throw toApiError(error)
        }
      },
    ],
    interceptors: [
      onError((error) => {
        if (!(error instanceof Error) || 'status' in error) return
        server.log.error({ err: error }, `API call failed: ${messageOf(error)}`)
      }),
    ],
  })
  server.register(async (scope) => {
    addBodyParsers(scope)
    scope.all('/*', async (request, reply) => {
      const { principal } = request
      if (!principal) return sendError(reply, new BudError('unauthenticated', 'Sign in first.'))
      const { matched } = await handler.handle(request, reply, { context: { principal } })
      if (!matched) return refuseUnmatched(request, reply)
      return reply
    })
  })
}

function refuseUnmatched({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = url.split('?', 1)[0] ?? url
  const allowed = methodsAt(path)
  if (allowed.length > 0) return sendWrongMethod(reply, path, allowed)
  return sendError(
    reply,
    new BudError('not-found', `There is no ${method} ${path}. GET /openapi.json lists what there is.`),
  )
}
