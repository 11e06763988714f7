/** What S3 servers and the network answer when something is wrong, as sentences with a next step. Never holds secrets. */
import { BudError, type ErrorCode, type ErrorReason, unavailable } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'

/** What was being done: `read` one object, `list` a prefix (''), … */
export interface S3Subject {
  doing: 'read' | 'write' | 'list' | 'delete'
  key: string
}

export interface S3Address {
  bucket: string
  endpoint: string | undefined
  region: string
}

const PERMISSIONS = { read: 's3:GetObject', write: 's3:PutObject', list: 's3:ListBucket', delete: 's3:DeleteObject' }

/** The server's own code for an error, such as "NoSuchKey"; the network's, such as "ECONNREFUSED"; '' when there is none. */
export function s3ErrorCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('Code' in error && typeof error.Code === 'string') return error.Code
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name === 'Error' ? '' : error.name
}

export function s3StatusOf(error: unknown): number | undefined {
  const metadata = metadataOf(error)
  return typeof metadata?.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}

/** How many times the request was sent before it failed: more than once, an earlier try may have succeeded unheard. */
export const s3AttemptsOf = (error: unknown): number => Number(metadataOf(error)?.attempts ?? 1)

function metadataOf(error: unknown): Record<string, unknown> | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  return error.$metadata as Record<string, unknown>
}

/** The connection broke, or the server was busy: asking again may help. */
export function isPassingS3Error(error: unknown): boolean {
  const status = s3StatusOf(error)
  return status !== undefined ? status >= 500 || status === 429 || status === 408 : isNetworkError(error)
}

/** Errors of ours pass unchanged, and so does what is neither the server's nor the network's. */
export function translateS3Error(error: unknown, subject: S3Subject, place: S3Address): unknown {
  if (error instanceof BudError) return error
  const cause = withoutRequest(error)
  const at = `s3://${place.bucket}${place.endpoint ? ` at ${addressOf(place.endpoint)}` : ''}`
  const code = s3ErrorCode(error)
  const known = BY_CODE[code]?.({ at, code, subject, place })
  if (known) return toError(known, cause)
  const status = s3StatusOf(error)
  if (status === 403) return toError(accessDenied({ at, code, subject, place }), cause)
  if (status !== undefined && isPassingS3Error(error)) {
    return unavailable(`${at} is busy or has trouble (${status} ${code}); it is tried again later.`, cause)
  }
  if (isNetworkError(error)) return unreachable(at, code, cause)
  if (status === undefined) return error
  const sentence = `${at} refused to ${subject.doing} ${named(subject)}: ${status} ${code}.`
  return toError({ reason: 's3-refused', sentence, next: 'Look into the log of the S3 server.' }, cause)
}

/** Servers send parts of a refused request back, session tokens with them: none of it may reach a log. */
function withoutRequest(error: unknown): Error {
  const cause = new Error(error instanceof Error ? error.message : String(error))
  cause.name = s3ErrorCode(error) || 'Error'
  return cause
}

interface Known {
  reason: string
  sentence: string
  next: string
  /** 'failed' where it is left out. */
  kind?: ErrorCode
}
interface Circumstance {
  at: string
  code: string
  subject: S3Subject
  place: S3Address
}

const NEW_KEYS = 'Check access key and secret, then replace the connection: bud connection add.'

const unknownKey = ({ at }: Circumstance): Known => ({
  reason: 's3-access-key-unknown',
  sentence: `${at} does not know the access key.`,
  next: NEW_KEYS,
})
const sessionOver = ({ at }: Circumstance): Known => ({
  reason: 's3-session-over',
  sentence: `${at} no longer accepts the session token.`,
  next: 'Replace the connection with a fresh access key, secret and session token.',
})
const accessDenied = ({ at, subject }: Circumstance): Known => ({
  reason: 's3-access-denied',
  sentence: `The access key may not ${subject.doing} ${named(subject)} in ${at}.`,
  next: `Allow ${PERMISSIONS[subject.doing]} for this bucket in the key’s policy, or use another key.`,
})
const otherRegion = ({ at, place }: Circumstance): Known => ({
  reason: 's3-region',
  sentence: `${at} is not in the region ${place.region}.`,
  next: 'Replace the connection with the bucket’s region and endpoint.',
})
const storeFull = ({ at, subject }: Circumstance): Known => ({
  reason: 's3-full',
  sentence: `${at} has no space left; ${named(subject)} was not stored.`,
  next: 'Free some space there and try again.',
})
const nameRefused = ({ at, subject }: Circumstance): Known => ({
  reason: 's3-name-refused',
  sentence: `${at} cannot store the name ${named(subject)}.`,
  next: 'Use shorter names of ordinary characters, none of which is both a file and a folder.',
  kind: 'invalid-input',
})
const noUpload = ({ at, subject }: Circumstance): Known => ({
  reason: 'upload-not-found',
  sentence: `${at} has no unfinished upload of ${named(subject)}.`,
  next: 'It has ended, or was dropped for its age: begin it again.',
  kind: 'not-found',
})
const busy = ({ at, code }: Circumstance): Known => ({
  reason: 's3-busy',
  sentence: `${at} asks for fewer requests (${code}).`,
  next: 'It is tried again later.',
  kind: 'unavailable',
})

const BY_CODE: Record<string, (circumstance: Circumstance) => Known> = {
  InvalidAccessKeyId: unknownKey,
  XAdminUserNotFound: unknownKey,
  SignatureDoesNotMatch: ({ at }) => ({
    reason: 's3-secret-wrong',
    sentence: `${at} refuses the secret of the access key.`,
    next: NEW_KEYS,
  }),
  ExpiredToken: sessionOver,
  InvalidToken: sessionOver,
  InvalidTokenId: sessionOver,
  NoSuchBucket: ({ at, place }) => ({
    reason: 's3-bucket-missing',
    sentence: `There is no bucket ${at}.`,
    next: `Create the bucket "${place.bucket}", or correct its name in the connection.`,
  }),
  InvalidBucketName: ({ at }) => ({
    reason: 's3-bucket-missing',
    sentence: `${at} is no name of a bucket.`,
    next: 'Correct the bucket in the connection.',
  }),
  RequestTimeTooSkewed: ({ at }) => ({
    reason: 's3-clock-skew',
    sentence: `The clocks of this machine and of ${at} differ by more than 15 minutes.`,
    next: 'Set both clocks by NTP.',
  }),
  AccessDenied: accessDenied,
  AllAccessDisabled: accessDenied,
  PermanentRedirect: otherRegion,
  AuthorizationHeaderMalformed: otherRegion,
  InvalidObjectState: ({ at, subject }) => ({
    reason: 's3-archived',
    sentence: `${named(subject)} of ${at} lies in an archive and cannot be read.`,
    next: 'Restore it from the archive first.',
  }),
  XMinioStorageFull: storeFull,
  InsufficientStorage: storeFull,
  QuotaExceeded: storeFull,
  XMinioAdminBucketQuotaExceeded: storeFull,
  KeyTooLongError: nameRefused,
  XMinioInvalidObjectName: nameRefused,
  ObjectParentIsFile: nameRefused,
  XMinioParentIsObject: nameRefused,
  NoSuchUpload: noUpload,
  // Keys are checked before they are sent, so it is the upload’s name that is none.
  XMinioInvalidResourceName: noUpload,
  EntityTooSmall: ({ at, subject }) => ({
    reason: 'part-too-small',
    sentence: `${at} takes only parts of at least 5 MiB, but for the last; ${named(subject)} has a smaller one.`,
    next: 'Send larger parts.',
    kind: 'invalid-input',
  }),
  SlowDown: busy,
  SlowDownRead: busy,
  SlowDownWrite: busy,
  TooManyRequests: busy,
  Throttling: busy,
}

function toError({ reason, sentence, next, kind = 'failed' }: Known, cause: unknown): BudError {
  const reasons: ErrorReason[] = [{ code: reason, message: sentence, next_step: next }]
  return new BudError(kind, `${sentence} ${next}`, { reasons, cause })
}

function unreachable(at: string, code: string, cause: unknown): BudError {
  const certificate = /CERT|SIGNATURE|TLS|SSL|EPROTO/.test(code)
  const next = certificate
    ? 'Check that the address begins with the right http:// or https:// and that this machine trusts its certificate.'
    : 'Check that the server runs and that the address is right.'
  return unavailable(`${at} cannot be reached (${code || 'the connection broke'}). ${next}`, cause)
}

const NETWORK =
  /^(E[A-Z_]+|TimeoutError|UND_ERR_\w+|[A-Z_]*CERT[A-Z_]*|ERR_TLS\w*|ERR_SSL\w*|ERR_STREAM_PREMATURE_CLOSE)$/
const NOT_NETWORK = /^(ENOENT|EACCES|EPERM|ENOSPC|EMFILE|EISDIR|ENOTDIR|EIO)$/

function isNetworkError(error: unknown): boolean {
  const code = s3ErrorCode(error)
  return (NETWORK.test(code) && !NOT_NETWORK.test(code)) || (error instanceof Error && error.message === 'aborted')
}

const named = ({ key }: S3Subject): string => (key === '' ? 'the objects' : `"${printable(key)}"`)

/** Without what might be a name and password in front of the host. */
function addressOf(endpoint: string): string {
  const url = URL.parse(endpoint)
  return url ? `${url.protocol}//${url.host}` : 'its endpoint'
}
