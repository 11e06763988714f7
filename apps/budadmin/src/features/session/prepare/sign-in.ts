/** What the sign-in page says and where it leads. */

export interface SignInSearch {
  /** From the one-time link. */
  token?: string | undefined
  /** Why the link did not work. */
  error?: string | undefined
  /** Address to go to afterwards, as the browser shows it: "/ui/models?search=llama". */
  next?: string | undefined
}

const BASE = '/ui'

/** Sentences for the sign-in service's error codes. */
export function toSignInProblem({ error, next }: SignInSearch): string | undefined {
  const code = error ?? errorIn(next)
  if (!code) return undefined
  const upper = code.toUpperCase()
  if (upper.includes('EXPIRED')) return 'This sign-in link has expired. Make a new one with the command below.'
  if (upper.includes('INVALID') || upper.includes('ATTEMPTS')) {
    return 'This sign-in link was used before or is not complete. Each link works once: make a new one with the command below.'
  }
  return `Signing in failed (${code}). Make a new link with the command below.`
}

/** Where the browser goes to turn a one-time token into a session. */
export function toVerifyUrl(token: string, next: string | undefined): string {
  const query = new URLSearchParams({
    token,
    callbackURL: `${BASE}${safeNext(next)}`,
    errorCallbackURL: `${BASE}/sign-in`,
  })
  return `/api/auth/magic-link/verify?${query}`
}

/** The path inside the dashboard to go on to: only the dashboard's own pages are followed. */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith(`${BASE}/`)) return '/'
  const path = next.slice(BASE.length)
  return path.startsWith('//') || path.includes('\\') || path.startsWith('/sign-in') || errorIn(next) ? '/' : path
}

/** A failed link may lead to a page with `?error=`, which in turn leads here. */
function errorIn(next: string | undefined): string | undefined {
  return new URLSearchParams(next?.split('?', 2)[1] ?? '').get('error') ?? undefined
}
