/** /openapi.json, made from the contract, and a page to read it on. */

import { contract } from '@bud/contract'
import { Reason } from '@bud/kernel'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

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

/** As every POST that makes or begins something takes it: no procedure's input names it. */
const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Sent again within 24 hours with the same key, the request acts once and is answered alike.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const

const ErrorBody = z.object({
  code: z.string().describe('e.g. "NOT_FOUND".'),
  status: z.number().int(),
  message: z.string().describe('Names the thing, its id and the next step.'),
  data: z.object({ reasons: z.array(Reason) }).describe('Every problem that was found.'),
})
const refusal = {
  description: 'What was refused, and why.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
}

async function generate(version: string): Promise<OpenApiDocument> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(contract, {
    info: {
      title: 'Bud AI Foundry',
      version,
      description:
        'From a large language model to a monitored endpoint. Send an API token as "Authorization: Bearer …". Long work answers 202 with an operation_id: follow it at /operations/{id} or, live, at /operations/{id}/events. Files go as raw bytes to PUT /uploads/{id}/files/{path}. OpenAI traffic has its own port (GET /system: gateway_url).',
    },
    components: {
      schemas: { Error: z.toJSONSchema(ErrorBody) as object },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ bearer: [] }],
  })
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path?.get, path?.post, path?.put, path?.patch, path?.delete]) {
      if (!operation) continue
      const makes = operation === path?.post && ('201' in operation.responses || '202' in operation.responses)
      if (makes) operation.parameters = [...(operation.parameters ?? []), idempotencyKey]
      operation.responses = { ...operation.responses, default: refusal }
    }
  }
  return document
}
