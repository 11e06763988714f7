/** Sessions, one-time links and tokens by better-auth. Imported on first use: it takes a third of a second. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { apiKey } from '@better-auth/api-key'
import type { Log, Queryable } from '@bud/platform'
import { betterAuth } from 'better-auth/minimal'
import { magicLink } from 'better-auth/plugins/magic-link'
import { organization } from 'better-auth/plugins/organization'
import { z } from 'zod'
import type { AuthLibrary } from '../ports.ts'
import { type AuthTables, drizzleAuthAdapter } from './drizzle-auth-adapter.ts'

export interface BetterAuthOptions {
  query: Queryable
  tables: AuthTables
  /** The address people open, e.g. "http://localhost:3000". */
  baseUrl: string
  /** Signs the cookies. */
  secret: string
  /** Where the browser goes after a one-time link: "/ui", "/ui/sign-in". */
  signedInPath: string
  signInFailedPath: string
  log: Log
}

const BASE_PATH = '/api/auth'
const SECONDS_PER_DAY = 86_400
const SESSION_DAYS = 30
const TOKEN_DAYS_MAX = 3_650
const TOKEN_NAME_MAX = 64
const TOKEN_PREFIX = 'bud_'
/** "bud_" and enough to recognise a token by. */
const TOKEN_START_LENGTH = 10

const TokenMetadata = z.object({ project_id: z.string() })

/** All that is open to a browser; people, projects and tokens are managed through our own API. */
const OPEN_PATHS = new Set([`GET ${BASE_PATH}/magic-link/verify`, `POST ${BASE_PATH}/sign-out`])

export function createBetterAuthLibrary(options: BetterAuthOptions): AuthLibrary {
  const auth = createAuth(options)
  return {
    async handle(request) {
      const { pathname } = new URL(request.url)
      if (!OPEN_PATHS.has(`${request.method} ${pathname}`)) return new Response(null, { status: 404 })
      return auth.handler(request)
    },
    async findSession(headers) {
      const found = await auth.api.getSession({ headers })
      if (!found) return undefined
      return { user_id: found.user.id, active_project_id: found.session.activeOrganizationId ?? null }
    },
    async verifyToken(token) {
      const { valid, key } = await auth.api.verifyApiKey({ body: { key: token } })
      if (!valid || !key) return undefined
      return { user_id: key.referenceId, project_id: TokenMetadata.parse(key.metadata).project_id }
    },
    async createToken({ user_id, project_id, name, expires_in_days }) {
      const created = await auth.api.createApiKey({
        body: {
          userId: user_id,
          name,
          metadata: { project_id },
          ...(expires_in_days === undefined ? {} : { expiresIn: expires_in_days * SECONDS_PER_DAY }),
        },
      })
      return { id: created.id, name, secret: created.key }
    },
    async createOneTimeLink(email, ttlMs) {
      const token = randomBytes(32).toString('base64url')
      const { internalAdapter } = await auth.$context
      await internalAdapter.createVerificationValue({
        identifier: hashToken(token),
        value: JSON.stringify({ email }),
        expiresAt: new Date(Date.now() + ttlMs),
      })
      const url = new URL(`${BASE_PATH}/magic-link/verify`, options.baseUrl)
      url.searchParams.set('token', token)
      url.searchParams.set('callbackURL', options.signedInPath)
      url.searchParams.set('errorCallbackURL', options.signInFailedPath)
      return url.href
    },
  }
}

function createAuth(options: BetterAuthOptions) {
  return betterAuth({
    appName: 'Bud AI Foundry',
    baseURL: options.baseUrl,
    basePath: BASE_PATH,
    secret: options.secret,
    database: drizzleAuthAdapter(options.query, options.tables),
    // One machine has several names (localhost, 127.0.0.1, its own): a page may speak to the host it came from.
    trustedOrigins: (request) => (request ? [new URL(request.url).origin] : []),
    session: { expiresIn: SESSION_DAYS * SECONDS_PER_DAY, disableSessionRefresh: true },
    advanced: {
      cookiePrefix: 'bud',
      // Said outright: left out, they would be off wherever NODE_ENV is "test".
      disableOriginCheck: false,
      disableCSRFCheck: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      database: { generateId: () => randomUUID() },
    },
    telemetry: { enabled: false },
    logger: { level: 'warn', log: (level, message, ...details) => writeLog(options.log, level, message, details) },
    plugins: [
      organization(),
      magicLink({
        disableSignUp: true,
        storeToken: { type: 'custom-hasher', hash: async (token) => hashToken(token) },
        sendMagicLink: () => {
          throw new Error('Links are made by createOneTimeLink only.')
        },
      }),
      apiKey({
        defaultPrefix: TOKEN_PREFIX,
        startingCharactersConfig: { charactersLength: TOKEN_START_LENGTH },
        enableMetadata: true,
        requireName: true,
        maximumNameLength: TOKEN_NAME_MAX,
        keyExpiration: { maxExpiresIn: TOKEN_DAYS_MAX },
        // Its default is ten requests a day.
        rateLimit: { enabled: false },
      }),
    ],
  })
}

const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** A wrong token is the caller's affair and is answered, not logged. */
function writeLog(log: Log, level: string, message: string, details: unknown[]): void {
  if (message.startsWith('Failed to validate API key')) return
  const fields = { source: 'better-auth', details }
  if (level === 'error') log.error(fields, message)
  else log.warn(fields, message)
}
