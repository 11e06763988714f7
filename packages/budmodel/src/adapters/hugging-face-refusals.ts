/** What a hub's refusals mean, in sentences that say what to do. */
import { BudError, type ErrorReason, failed, invalidInput, notFound } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'

/** What was asked of whom. */
export interface HubQuestion {
  /** Without credentials. */
  endpoint: string
  hasToken: boolean
  /** undefined: the hub itself. */
  repository: string | undefined
  revision: string | undefined
  path: string | undefined
}

export interface HubRefusal {
  status: number
  /** The hub's own name for it, e.g. "GatedRepo". */
  code: string | undefined
  /** The hub's own sentence. */
  message: string | undefined
  /** The host that refused, where it is not the hub itself. */
  fileHost: string | undefined
  /** How long the hub asks to wait. */
  waitMs: number | undefined
}

const MAX_TOLD = 300

const named = ({ repository, endpoint }: HubQuestion): string => repository ?? endpoint

export function refusalOf(question: HubQuestion, refusal: HubRefusal): BudError {
  const { endpoint, path } = question
  const { status, code, fileHost } = refusal
  const repository = named(question)
  if (status === 429) return tooMany(question, refusal)
  if (fileHost !== undefined || status >= 500) {
    const who = fileHost === undefined ? `The hub ${endpoint}` : `The file host ${fileHost} of ${endpoint}`
    return away(
      `${who} answered ${status} for ${repository}${path === undefined ? '' : `, ${path}`}.`,
      'hub-in-trouble',
    )
  }
  if (code === 'EntryNotFound') return notFound('file', `${repository}/${path}`, `Not at ${endpoint} any more.`)
  if (code === 'RevisionNotFound') return unknownRevision(question)
  if (code === 'DisabledRepo') {
    return refused(
      `${repository} has been disabled at ${endpoint}.`,
      'source-disabled',
      'Choose another model.',
      refusal,
    )
  }
  if (code === 'GatedRepo') return gated(question, refusal)
  if (status === 401 && question.hasToken && code !== 'RepoNotFound') {
    return refused(
      `${endpoint} does not accept the token of this project’s Hugging Face connection.`,
      'source-token-refused',
      `Make a token that may read at ${endpoint}/settings/tokens, and add the connection again with it.`,
      refusal,
    )
  }
  if (question.repository === undefined && status === 404) return notAHub(question, `it answers 404 for ${path}`)
  if (status === 401 || status === 404) return unknownRepository(question, refusal)
  if (status === 403) {
    return refused(
      `${endpoint} does not let this project’s token read ${repository}.`,
      'source-forbidden',
      `Give the token the right to read this repository at ${endpoint}/settings/tokens.`,
      refusal,
    )
  }
  return failed(`${endpoint} answered ${status} for ${repository}.`, [
    {
      code: 'hub-answer-unknown',
      message: told(refusal) ?? 'It gave no reason.',
      next_step: `See that ${endpoint} is the address of a Hugging Face hub or a mirror of one.`,
    },
  ])
}

export function unreachable({ endpoint }: HubQuestion, cause: unknown): BudError {
  const why = codeOf(cause)
  return away(`The Hugging Face hub ${endpoint} does not answer${why ? ` (${why})` : ''}.`, 'hub-unreachable', {
    next_step:
      'Without a way to it from here, add a connection of kind huggingface whose endpoint is a mirror’s address (POST /connections), or send the files as an upload.',
    cause,
  })
}

/** The commit says otherwise: a mirror's file, or the object behind it, has been replaced. */
export const changedAtHub = ({ repository, path = '' }: HubQuestion, evidence: string): BudError =>
  failed(`${path} of ${repository ?? 'the hub'} is no longer the file whose download began.`, [
    {
      code: 'source-changed',
      message: `${path} changed while it was read, under the same commit.`,
      path,
      evidence,
      next_step: 'Register again; if it stays so, ask whoever runs the hub or mirror.',
    },
  ])

export const notAHub = ({ endpoint }: HubQuestion, what: string): BudError =>
  failed(`${endpoint} does not answer as a Hugging Face hub does: ${what}.`, [
    {
      code: 'hub-answer-unknown',
      message: what,
      next_step: `See that ${endpoint} is the address of a hub or mirror, and that no sign-in page stands before it.`,
    },
  ])

function tooMany({ endpoint, hasToken }: HubQuestion, { waitMs }: HubRefusal): BudError {
  const again = waitMs === undefined ? '' : ` It asks to wait ${Math.ceil(waitMs / 1000)} s.`
  return away(`${endpoint} answers no more requests for now (429).${again}`, 'hub-rate-limit', {
    next_step: `Try again later.${hasToken ? '' : ' With a token in the connection the limit is higher.'}`,
  })
}

function gated({ endpoint, repository, hasToken }: HubQuestion, refusal: HubRefusal): BudError {
  const account = hasToken
    ? 'with the account of this project’s token'
    : 'with an account, and add a connection of kind huggingface with a token of that account'
  return refused(
    `${repository} is gated: its terms have to be accepted before its files can be read.`,
    'source-gated',
    `Open ${endpoint}/${repository} ${account}, accept the terms there, and register again once access is granted.`,
    refusal,
  )
}

function unknownRepository({ endpoint, repository, hasToken }: HubQuestion, refusal: HubRefusal): BudError {
  return refused(
    `There is no model ${repository} at ${endpoint}, or it is private: a hub answers both alike.`,
    'source-not-found',
    hasToken
      ? 'Check the name. If it is private, give this project’s token the right to read it.'
      : 'Check the name. If it is private, add a connection of kind huggingface with a token that may read it.',
    refusal,
  )
}

const unknownRevision = ({ endpoint, repository, revision }: HubQuestion): BudError =>
  refused(
    `${repository} has no branch, tag or commit "${printable(revision ?? 'main')}".`,
    'source-revision-unknown',
    `${endpoint}/${repository}/commits lists them; write hf://${repository}@<branch, tag or commit>.`,
  )

const refused = (message: string, code: string, next_step: string, refusal?: HubRefusal): BudError =>
  invalidInput(message, [{ code, message: (refusal && told(refusal)) ?? message, path: 'source_path', next_step }])

const away = (
  message: string,
  code: string,
  { next_step, cause }: { next_step?: string; cause?: unknown } = {},
): BudError => {
  const reason: ErrorReason = { code, message, next_step: next_step ?? 'Try again later.' }
  return new BudError('unavailable', message, { reasons: [reason], cause })
}

const told = ({ status, message }: HubRefusal): string | undefined =>
  message ? `The hub says (${status}): ${printable(message.slice(0, MAX_TOLD))}` : undefined

/** "ECONNREFUSED": undici and Node tell it at different depths. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code
    if (at instanceof AggregateError && at.errors[0] instanceof Error) return codeOf(at.errors[0])
  }
  return undefined
}
