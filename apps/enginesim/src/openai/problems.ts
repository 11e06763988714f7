/** What can be wrong with a request, before an engine puts it into its own words. */

/** One complaint of the body's schema, as pydantic describes them: all three engines are FastAPI programs. */
export interface FieldError {
  type: string
  loc: readonly (string | number)[]
  msg: string
  input: unknown
  ctx?: Record<string, string>
}

export type Problem =
  | { kind: 'schema'; errors: readonly FieldError[] }
  | { kind: 'media-type' }
  | { kind: 'bad-request'; message: string; param: string | null }
  | { kind: 'unknown-model'; model: string; served: string }
  | { kind: 'no-route' }
  | { kind: 'wrong-method'; allow: string }
  | { kind: 'engine-failure'; message: string }

export interface Answer {
  status: number
  headers?: Record<string, string>
  /** Sent as JSON; undefined for an empty body. */
  body?: unknown
}

export const badRequest = (message: string, param: string | null = null): Problem => ({
  kind: 'bad-request',
  message,
  param,
})
