/** `/control/…`: the cluster's management interface, for who holds the token. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BudError, type ErrorCode, invalidInput, SimulatedFault, SimulatedRelease } from '@bud/kernel'
import type { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import { readBody, sendJson } from './messages.ts'

const STATUS: Record<ErrorCode, number> = {
  'invalid-input': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
  failed: 422,
  internal: 500,
}

const LOG_LINES_DEFAULT = 100
/** File names in the state folder are release names. */
const RELEASE_NAME = /^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$/

export type ControlHandler = (
  segments: readonly string[],
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>

export function createControlHandler(cluster: Cluster, token: string): ControlHandler {
  const digest = sha256(`Bearer ${token}`)
  return async (segments, url, request, response) => {
    try {
      if (!timingSafeEqual(sha256(request.headers.authorization ?? ''), digest))
        throw new BudError(
          'unauthenticated',
          'The control interface needs the cluster’s token: Authorization: Bearer <token>.',
        )
      const { status, body } = await answer(cluster, segments, url, request)
      sendJson(response, status, body)
    } catch (error) {
      const known =
        error instanceof BudError ? error : new BudError('internal', 'The simulated cluster failed.', { cause: error })
      sendJson(response, STATUS[known.code], {
        error: { code: known.code, message: known.message, reasons: known.reasons },
      })
    }
  }
}

async function answer(
  cluster: Cluster,
  [collection, name, part, ...rest]: readonly string[],
  url: URL,
  request: IncomingMessage,
): Promise<{ status: number; body?: unknown }> {
  const asked = `${request.method} ${collection ?? ''}${name === undefined ? '' : '/*'}${part === undefined ? '' : `/${part}`}`
  if (rest.length > 0) throw new BudError('not-found', `Nothing at ${url.pathname}.`)
  const release = name ?? ''
  if (name !== undefined && !RELEASE_NAME.test(name))
    throw invalidInput(`"${name}" is no release name: use 1–100 lower-case letters, digits and hyphens.`)
  switch (asked) {
    case 'GET nodes':
      return { status: 200, body: cluster.nodes() }
    case 'GET releases':
      return { status: 200, body: cluster.releases() }
    case 'GET releases/*':
      return { status: 200, body: cluster.release(release) }
    case 'PUT releases/*': {
      const wanted = await parseBody(request, SimulatedRelease)
      if (wanted.name !== release)
        throw invalidInput(`The path says release "${release}", the body "${wanted.name}": make them agree.`)
      return { status: 200, body: cluster.put(wanted) }
    }
    case 'DELETE releases/*':
      cluster.delete(release)
      return { status: 204 }
    case 'GET releases/*/logs':
      return {
        status: 200,
        body: cluster.logs(release, Number(url.searchParams.get('lines') ?? LOG_LINES_DEFAULT) || 0),
      }
    case 'PUT releases/*/fault':
      cluster.setFault(release, await parseBody(request, SimulatedFault))
      return { status: 204 }
    default:
      throw new BudError('not-found', `Nothing at ${request.method} ${url.pathname}.`)
  }
}

async function parseBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readBody(request)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw invalidInput(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}.`)
  }
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw invalidInput(
    'The body does not fit the control protocol.',
    parsed.error.issues.map(({ path, message }) => ({ code: 'invalid-field', message, path: path.join('.') })),
  )
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
