/** budadmin's built files under /ui; every path without a file is a page of the app. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BudError } from '@bud/kernel'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { sendError } from './errors.ts'

const distDir = join(import.meta.dirname, '../../../budadmin/dist')

export async function addDashboard(server: FastifyInstance): Promise<void> {
  server.get('/', async (_request, reply) => reply.redirect('/ui/'))
  if (!existsSync(distDir)) return
  await server.register(fastifyStatic, {
    root: distDir,
    prefix: '/ui/',
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  server.get('/ui/assets/*', async (request, reply) =>
    sendError(
      reply,
      new BudError('not-found', `There is no ${request.url}. The dashboard was built anew: reload the page.`),
    ),
  )
  server.get('/ui', async (_request, reply) => reply.redirect('/ui/'))
  server.get('/ui/*', async (_request, reply) => reply.sendFile('index.html'))
}
