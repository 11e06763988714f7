/** Joins people, projects and tokens on the platform. */
import { systemClock } from '@bud/kernel'
import type { Log, Platform } from '@bud/platform'
import { BriefCache } from './domain/brief-cache.ts'
import type { Principal } from './domain/principal.ts'
import type { AuthLibrary } from './ports.ts'
import { authenticate } from './services/authenticate.ts'
import { ADMINISTRATOR_EMAIL, type Bootstrapped, bootstrap } from './services/bootstrap.ts'
import { installationSecret } from './services/installation-secret.ts'
import { createSignInLink } from './services/sign-in-link.ts'
import { authTables } from './services/tables.ts'
import { createTokens, type Tokens } from './services/tokens.ts'

export interface Access {
  /** Answers what lies below /api/auth: the one-time link and signing out. */
  handle(request: Request): Promise<Response>
  /** By session cookie or `Authorization: Bearer <token>`; undefined when neither holds. */
  authenticate(headers: Headers): Promise<Principal | undefined>
  bootstrap(options?: { renewToken?: boolean }): Promise<Bootstrapped>
  /** A link for the administrator, or for the person with this address. */
  createSignInLink(email?: string): Promise<string>
  readonly tokens: Tokens
}

export interface AccessOptions {
  platform: Pick<Platform, 'database' | 'secrets' | 'migrate'>
  /** The address people open; a function when it is known only once the server listens. */
  baseUrl: string | (() => string)
  log: Log
  signedInPath?: string
  signInFailedPath?: string
  nowMs?: () => number
}

const MIGRATIONS = new URL('./adapters/migrations', import.meta.url)
const CACHE_TTL_MS = 5_000
const CACHE_ENTRIES_MAX = 10_000

export async function createAccess(options: AccessOptions): Promise<Access> {
  const { platform, nowMs = systemClock.nowMs } = options
  await platform.migrate('access', MIGRATIONS)
  const { database } = platform
  const { query } = database
  const library = once(() => loadLibrary(options))
  const cache = new BriefCache<Principal>({ ttlMs: CACHE_TTL_MS, entriesMax: CACHE_ENTRIES_MAX, nowMs })
  return {
    async handle(request) {
      const response = await (await library()).handle(request)
      // It may have ended a session that is still remembered.
      cache.clear()
      return response
    },
    authenticate: (headers) => authenticate({ query, library, cache }, headers),
    bootstrap: (choices) => bootstrap({ database, library }, choices),
    createSignInLink: (email = ADMINISTRATOR_EMAIL) => createSignInLink({ query, library }, email),
    tokens: createTokens({ query, library, forgetPrincipals: () => cache.clear() }),
  }
}

async function loadLibrary(options: AccessOptions): Promise<AuthLibrary> {
  const { createBetterAuthLibrary } = await import('./adapters/better-auth-library.ts')
  const { database, secrets } = options.platform
  return createBetterAuthLibrary({
    query: database.query,
    tables: authTables,
    baseUrl: typeof options.baseUrl === 'function' ? options.baseUrl() : options.baseUrl,
    secret: await installationSecret(database.query, secrets, 'session-secret'),
    signedInPath: options.signedInPath ?? '/ui',
    signInFailedPath: options.signInFailedPath ?? '/ui/sign-in',
    log: options.log,
  })
}

/** Loads on the first call; a failed load is tried again. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined
      throw error
    })
    return loading
  }
}
