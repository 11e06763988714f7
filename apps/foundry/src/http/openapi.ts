/** /openapi.json, made from the contract, and a page to read it on. */

import { contract } from '@bud/contract'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import type { FastifyInstance } from 'fastify'

type OpenApiDocument = Awaited<ReturnType<OpenAPIGenerator['generate']>>

export async function addOpenApi(server: FastifyInstance, version: string): Promise<void> {
  const document = await generate(version)
  server.get('/openapi.json', async () => document)
  await server.register(swagger, { mode: 'static', specification: { document: document as never } })
  await server.register(swaggerUi, {
    routePrefix: '/reference',
    uiConfig: { url: '/openapi.json', docExpansion: 'list', tryItOutEnabled: true },
    theme: { title: 'Bud AI Foundry API' },
  })
}

function generate(version: string): Promise<OpenApiDocument> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  return generator.generate(contract, {
    info: {
      title: 'Bud AI Foundry',
      version,
      description:
        'From a large language model to a monitored endpoint. Send an API token as "Authorization: Bearer …". Long work answers 202 with an operation_id: follow it at /operations/{id} or, live, at /operations/{id}/events. Files go as raw bytes to PUT /uploads/{id}/files/{path}. OpenAI traffic has its own port (GET /system: gateway_url).',
    },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{ bearer: [] }],
  })
}
