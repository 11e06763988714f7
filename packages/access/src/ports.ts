/** What this package needs from a library that knows about sessions, one-time links and tokens. */

export interface AuthLibrary {
  /** Answers a request below /api/auth. */
  handle(request: Request): Promise<Response>
  /** Whose session the cookies of these headers carry. */
  findSession(headers: Headers): Promise<{ user_id: string; active_project_id: string | null } | undefined>
  /** Whose token this is; undefined when it is unknown, expired or disabled. */
  verifyToken(token: string): Promise<{ user_id: string; project_id: string } | undefined>
  createToken(token: {
    user_id: string
    project_id: string
    name: string
    expires_in_days?: number | undefined
  }): Promise<{ id: string; name: string; secret: string }>
  /** The address that signs this person in once, in the browser that opens it. */
  createOneTimeLink(email: string, ttlMs: number): Promise<string>
}
