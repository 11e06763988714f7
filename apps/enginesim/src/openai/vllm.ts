/** vLLM's OpenAI server as 0.32.0 answers; e2e/engines holds this file to a running one. */
import type { Prompt } from '../domain/prompt.ts'
import {
  type AnswerHead,
  type Dialect,
  DONE,
  event,
  type FinishedChoice,
  type Route,
  type Served,
  usageBody,
} from './dialect.ts'
import type { TokenEvent, Usage } from './generate.ts'
import type { GenerationRequest } from './parse-request.ts'
import { type Answer, badRequest, type FieldError, type Problem } from './problems.ts'
import { randomHex } from './random-id.ts'

const EMPTY: Answer = { status: 200 }
const fixed = (method: Route['method'], answer: (served: Served) => Answer): Route => ({
  method,
  action: 'fixed',
  fixed: answer,
})

const routes = new Map<string, readonly Route[]>([
  ['/health', [fixed('GET', () => EMPTY)]],
  ['/ping', [fixed('GET', () => EMPTY), fixed('POST', () => EMPTY)]],
  ['/load', [fixed('GET', () => ({ status: 200, body: { server_load: 0 } }))]],
  ['/version', [fixed('GET', ({ version }) => ({ status: 200, body: { version } }))]],
  ['/v1/models', [fixed('GET', (served) => ({ status: 200, body: models(served) }))]],
  ['/metrics', [{ method: 'GET', action: 'metrics' }]],
  ['/tokenize', [{ method: 'POST', action: 'tokenize' }]],
  ['/v1/completions', [{ method: 'POST', action: 'completion' }]],
  ['/v1/chat/completions', [{ method: 'POST', action: 'chat' }]],
])

export const vllmDialect: Dialect = {
  routes,
  headers: { server: 'uvicorn', vary: 'Origin' },
  metricsContentType: 'text/plain; version=1.0.0; charset=utf-8',
  problem: answerProblem,
  check,
  room,
  newId: (kind) => `${kind === 'chat' ? 'chatcmpl' : 'cmpl'}-${randomHex(16)}`,
  answer: (head, choices, usage) =>
    head.request.kind === 'chat' ? chatAnswer(head, choices, usage) : completionAnswer(head, choices, usage),
  stream: (head) => (head.request.kind === 'chat' ? chatFrames(head) : completionFrames(head)),
}

function models({ model, maxModelLen, startedAtS }: Served) {
  const created = Math.floor(startedAtS)
  const permission = {
    id: `modelperm-${randomHex(16)}`,
    object: 'model_permission',
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: '*',
    group: null,
    is_blocking: false,
  }
  const card = { id: model, object: 'model', created, owned_by: 'vllm', root: model, parent: null }
  return { object: 'list', data: [{ ...card, max_model_len: maxModelLen, permission: [permission] }] }
}

function answerProblem(problem: Problem): Answer {
  switch (problem.kind) {
    case 'schema':
      return error(400, schemaMessage(problem.errors), 'Bad Request', problem.errors[0]?.loc.join('.') ?? null)
    case 'media-type':
      return error(
        400,
        "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
        'Bad Request',
        null,
      )
    case 'bad-request':
      return error(400, problem.message, 'BadRequestError', problem.param)
    case 'unknown-model':
      return error(
        404,
        `The model \`${problem.model}\` does not exist. Valid aliases: ${problem.served}.`,
        'NotFoundError',
        'model',
      )
    case 'no-route':
      return { status: 404, body: { detail: 'Not Found' } }
    case 'wrong-method':
      return { status: 405, headers: { allow: problem.allow }, body: { detail: 'Method Not Allowed' } }
    case 'engine-failure':
      return error(500, problem.message, 'InternalServerError', null)
  }
}

const error = (status: number, message: string, type: string, param: string | null): Answer => ({
  status,
  body: { error: { message, type, param, code: status } },
})

const REPORTED_ERRORS = 10

function schemaMessage(errors: readonly FieldError[]): string {
  const lines = errors.slice(0, REPORTED_ERRORS).map((one) => `  ${fieldErrorText(one)}`)
  if (errors.length > REPORTED_ERRORS) lines.push(`  ...and ${errors.length - REPORTED_ERRORS} more errors`)
  return `${errors.length} validation error${errors.length === 1 ? '' : 's'}:\n${lines.join('\n')}`
}

function fieldErrorText({ type, loc, msg, input, ctx }: FieldError): string {
  const parts = [
    `'type': ${quoted(type)}`,
    `'loc': ${quoted(loc.join('.'))}`,
    `'msg': ${quoted(msg)}`,
    `'input': ${quoted(inputText(input))}`,
  ]
  if (ctx) parts.push(`'ctx': {${Object.entries(ctx).map(([key, value]) => `${quoted(key)}: ${quoted(value)}`)}}`)
  return `{${parts.join(', ')}}`
}

/** As Python's repr() quotes a string. */
function quoted(text: string): string {
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replace(/'/g, "\\'")}'`
}

const INPUT_CHARACTERS = 200

function inputText(value: unknown): string {
  if (Array.isArray(value)) return `<list of ${value.length} items>`
  if (typeof value === 'object' && value !== null) return `<dict of ${Object.keys(value).length} items>`
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  const text = String(value)
  return text.length > INPUT_CHARACTERS ? `${text.slice(0, INPUT_CHARACTERS)}...[truncated]` : text
}

/** Python prints a float with its point. */
const float = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value))

function check(request: GenerationRequest, { maxModelLen }: Served): Problem | null {
  const { temperature, topP, topK, maxTokens, minTokens, n, stop, presencePenalty, frequencyPenalty } = request
  const out = (param: string, text: string, value: string) =>
    badRequest(`${text}, got ${value}. (parameter=${param}, value=${value})`, param)
  if (request.kind === 'chat' && request.prompts.length === 0)
    return badRequest('Cannot apply chat template to an empty conversation. Provide at least one message.')
  if (request.includeUsage && !request.stream)
    return badRequest(
      'Stream options can only be defined when `stream=True`. (parameter=stream_options)',
      'stream_options',
    )
  if (n < 1) return badRequest(`n must be at least 1, got ${n}.`)
  for (const [name, value] of [
    ['presence_penalty', presencePenalty],
    ['frequency_penalty', frequencyPenalty],
  ] as const)
    if (value !== undefined && Math.abs(value) > 2)
      return badRequest(`${name} must be in [-2, 2], got ${float(value)}.`)
  if (temperature !== undefined && temperature < 0)
    return out('temperature', 'temperature must be non-negative', float(temperature))
  if (temperature !== undefined && temperature > 2)
    return out('temperature', 'temperature must be in [0, 2]', float(temperature))
  if (topP !== undefined && (topP <= 0 || topP > 1)) return out('top_p', 'top_p must be in (0, 1]', float(topP))
  if (topK !== undefined && topK < -1) return badRequest(`top_k must be 0 (disable), or at least 1, got ${topK}.`)
  if (maxTokens !== undefined && maxTokens < 1)
    return out('max_tokens', 'max_tokens must be at least 1', String(maxTokens))
  if (maxTokens !== undefined && minTokens > maxTokens)
    return badRequest(`min_tokens must be less than or equal to max_tokens=${maxTokens}, got ${minTokens}.`)
  if (stop.includes('')) return badRequest('stop cannot contain an empty string.')
  if (maxTokens !== undefined && maxTokens > maxModelLen)
    return badRequest(
      `max_tokens=${maxTokens} cannot be greater than max_model_len=${maxModelLen}. Please request fewer output tokens. (parameter=max_tokens, value=${maxTokens})`,
      'max_tokens',
    )
  return null
}

/** Completions default to 16 tokens, chats to whatever the context leaves. */
function room(
  { tokens: promptTokens, isTokenIds }: Prompt,
  { kind, maxTokens }: GenerationRequest,
  { maxModelLen }: Served,
) {
  // A text is tokenised only as far as the context goes; ids are counted whole.
  const counted = isTokenIds ? promptTokens : maxModelLen + 1
  if (promptTokens > maxModelLen)
    return {
      problem: badRequest(
        `This model's maximum context length is ${maxModelLen} tokens. However, your prompt contains ${isTokenIds ? '' : 'at least '}${counted} input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=${counted})`,
        'input_tokens',
      ),
    }
  const left = maxModelLen - promptTokens
  if (left === 0)
    return {
      problem: badRequest('max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)', 'max_tokens'),
    }
  return { maxTokens: Math.min(left, maxTokens ?? (kind === 'completion' ? 16 : left)) }
}

const fingerprint = ({ version }: Served) => `vllm-${version}-simulated`

function chatAnswer(head: AnswerHead, choices: readonly FinishedChoice[], usage: Usage) {
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.createdS,
    model: head.served.model,
    choices: choices.map(({ index, text, end }) => ({
      index,
      message: {
        role: 'assistant',
        content: text,
        refusal: null,
        annotations: null,
        audio: null,
        function_call: null,
        reasoning: null,
      },
      logprobs: null,
      finish_reason: end.reason,
      stop_reason: end.stopString,
      token_ids: null,
      routed_experts: null,
    })),
    ...tail(head, usage),
    prompt_logprobs: null,
    prompt_token_ids: null,
    prompt_text: null,
    ...transfer,
  }
}

function completionAnswer(head: AnswerHead, choices: readonly FinishedChoice[], usage: Usage) {
  return {
    id: head.id,
    object: 'text_completion',
    created: head.createdS,
    model: head.served.model,
    choices: choices.map(({ index, text, end }) => ({
      index,
      text,
      logprobs: null,
      finish_reason: end.reason,
      stop_reason: end.stopString,
      token_ids: null,
      prompt_logprobs: null,
      prompt_token_ids: null,
      routed_experts: null,
    })),
    ...tail(head, usage),
    ...transfer,
  }
}

const tail = ({ served }: AnswerHead, usage: Usage) => ({
  service_tier: null,
  system_fingerprint: fingerprint(served),
  usage: { ...usageBody(usage), prompt_tokens_details: null, completion_tokens_details: null },
})

const transfer = { kv_transfer_params: null, ec_transfer_params: null, metrics: null }

function chatFrames(head: AnswerHead) {
  const frame = chunker(head, 'chat.completion.chunk')
  return {
    token(at: TokenEvent) {
      const { index, text, end } = at
      const opening = { index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }
      const opened =
        at.tokens > 1 ? '' : frame([opening], continuous(head, at, 0), { prompt_token_ids: null, prompt_text: null })
      const reason = end === null ? { finish_reason: null } : { finish_reason: end.reason, stop_reason: end.stopString }
      const choice = { index, delta: { content: text }, logprobs: null, ...reason, token_ids: null }
      return opened + frame([choice], continuous(head, at, at.tokens), lastWord(head, at))
    },
    close: (usage: Usage) => closing(head, frame, usage),
  }
}

function completionFrames(head: AnswerHead) {
  const frame = chunker(head, 'text_completion')
  return {
    token(at: TokenEvent) {
      const { index, text, end } = at
      const choice = {
        index,
        text,
        logprobs: null,
        finish_reason: end?.reason ?? null,
        stop_reason: end?.stopString ?? null,
        prompt_token_ids: null,
        token_ids: null,
      }
      return frame([choice], continuous(head, at, at.tokens, false), lastWord(head, at))
    },
    close: (usage: Usage) => closing(head, frame, usage),
  }
}

type Frame = (choices: readonly unknown[], usage: object, rest: object) => string

function chunker({ id, createdS, served }: AnswerHead, object: string): Frame {
  return (choices, usage, rest) =>
    event({ id, object, created: createdS, model: served.model, choices, ...usage, ...rest })
}

function continuous({ request }: AnswerHead, at: TokenEvent, tokens: number, details = true): object {
  if (!request.continuousUsage) return {}
  const usage = usageBody({ promptTokens: at.promptTokens, completionTokens: tokens })
  return { usage: details ? { ...usage, completion_tokens_details: null } : usage }
}

/** Without a usage frame the last choice's frame carries the fingerprint. */
const lastWord = ({ request, served }: AnswerHead, { end }: TokenEvent): object =>
  end !== null && !request.includeUsage ? { system_fingerprint: fingerprint(served) } : {}

const closing = ({ request, served }: AnswerHead, frame: Frame, usage: Usage) =>
  (request.includeUsage ? frame([], { usage: usageBody(usage) }, { system_fingerprint: fingerprint(served) }) : '') +
  DONE
