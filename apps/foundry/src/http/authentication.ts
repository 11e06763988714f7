/**
 * Closed until opened: every path needs a signed-in person or a token but those listed here. Calls that carry a
 * cookie and change something must be JSON from our own origin, so that no foreign page can make them.
 */
import type { Access } from '@bud/access'
import { BudError } from '@bud/kernel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sendError } from './errors.ts'

/** The sign-in page is part of the dashboard's bundle, so its files are open; they hold no data. */
const openPaths = [
  /^\/health$/,
  /^\/api\/auth\//,
  /^\/ui\/sign-in$/,
  /^\/ui\/assets\//,
  /^\/ui\/favicon\.svg$/,
  /^\/internal\/gateway\//,
]
const pages = /^\/(ui(\/.*)?|reference(\/.*)?)?$/
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export function addAuthentication(server: FastifyInstance, access: Access): void {
  server.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/'
    if (openPaths.some((open) => open.test(path))) return
    const principal = await access.authenticate(headersOf(request))
    if (!principal) {
      if (safeMethods.has(request.method) && pages.test(path))
        return reply.redirect(`/ui/sign-in?next=${encodeURIComponent(request.url)}`)
      return sendError(
        reply,
        new BudError(
          'unauthenticated',
          'Sign in, or send a token: "Authorization: Bearer <token>". `npm start` prints where the first one lies.',
        ),
      )
    }
    if (principal.via === 'session' && !safeMethods.has(request.method)) {
      const refusal = refuseForeign(request)
      if (refusal) return sendError(reply, refusal)
    }
    request.principal = principal
  })
}

export function headersOf(request: FastifyRequest): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one)
  }
  return headers
}

function refuseForeign(request: FastifyRequest): BudError | undefined {
  const { origin, host } = request.headers
  if (origin !== undefined && !sameHost(origin, host))
    return new BudError('forbidden', `This call came from ${origin}, not from the dashboard.`)
  const type = request.headers['content-type']
  const raw = request.url.startsWith('/uploads/')
  if (type !== undefined && !raw && !/^application\/(json|yaml)\b/.test(type)) {
    return new BudError(
      'forbidden',
      `Calls with a session cookie must be application/json, not ${type}; use a token for other types.`,
    )
  }
  return undefined
}

function sameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host
}
