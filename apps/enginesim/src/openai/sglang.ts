/** SGLang's OpenAI server, from the source of 0.5 (srt/entrypoints); no running one was compared. */
import { randomUUID } from 'node:crypto'
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
import type { ChoiceEnd, TokenEvent, Usage } from './generate.ts'
import type { GenerationRequest } from './parse-request.ts'
import { type Answer, badRequest, type FieldError, type Problem } from './problems.ts'

const fixed = (answer: (served: Served) => Answer): Route => ({ method: 'GET', action: 'fixed', fixed: answer })
const modelInfo = fixed(({ model }) => ({
  status: 200,
  body: { model_path: model, tokenizer_path: model, is_generation: true, preferred_sampling_params: null },
}))
const serverInfo = fixed(({ model, version, maxModelLen }) => ({
  status: 200,
  body: { model_path: model, served_model_name: model, context_length: maxModelLen, version },
}))

/** `/health` answers without generating (SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION=0, as probes need it). */
const routes = new Map<string, readonly Route[]>([
  ['/health', [fixed(() => ({ status: 200 }))]],
  ['/health_generate', [{ method: 'GET', action: 'generate-check' }]],
  ['/v1/models', [fixed((served) => ({ status: 200, body: models(served) }))]],
  ['/model_info', [modelInfo]],
  ['/get_model_info', [modelInfo]],
  ['/server_info', [serverInfo]],
  ['/get_server_info', [serverInfo]],
  ['/metrics', [{ method: 'GET', action: 'metrics' }]],
  ['/v1/completions', [{ method: 'POST', action: 'completion' }]],
  ['/v1/chat/completions', [{ method: 'POST', action: 'chat' }]],
])

export const sglangDialect: Dialect = {
  routes,
  headers: { server: 'uvicorn' },
  metricsContentType: 'text/plain; version=0.0.4; charset=utf-8',
  problem: answerProblem,
  check,
  room,
  newId: () => randomUUID().replaceAll('-', ''),
  answer,
  stream: frames,
}

function models({ model, maxModelLen, startedAtS }: Served) {
  const created = Math.floor(startedAtS)
  const card = { id: model, object: 'model', created, owned_by: 'sglang', root: model, parent: null }
  return { object: 'list', data: [{ ...card, max_model_len: maxModelLen }] }
}

function answerProblem(problem: Problem): Answer {
  switch (problem.kind) {
    case 'schema':
      return error(
        400,
        `${problem.errors.length} validation errors: ${JSON.stringify(problem.errors.map(detail))}`,
        'Bad Request',
      )
    case 'media-type':
      return { status: 415, body: { detail: "Unsupported Media Type: Only 'application/json' is allowed" } }
    case 'bad-request':
      return error(400, problem.message, 'BadRequestError', problem.param)
    case 'unknown-model':
      return error(404, `The model '${problem.model}' does not exist.`, 'NotFoundError', 'model')
    case 'no-route':
      return { status: 404, body: { detail: 'Not Found' } }
    case 'wrong-method':
      return { status: 405, headers: { allow: problem.allow }, body: { detail: 'Method Not Allowed' } }
    case 'engine-failure':
      return error(500, `Internal server error: ${problem.message}`, 'InternalServerError')
  }
}

const detail = ({ type, loc, msg }: FieldError) => ({ type, loc, msg })

const error = (status: number, message: string, type: string, param: string | null = null): Answer => ({
  status,
  body: { object: 'error', message, type, param, code: status },
})

function check(request: GenerationRequest): Problem | null {
  const { temperature, topP, topK, maxTokens, minTokens, n } = request
  if (request.kind === 'chat' && request.prompts.length === 0) return badRequest('Messages cannot be empty.')
  if (n < 1) return badRequest(`n must be at least 1, got ${n}.`)
  if (temperature !== undefined && temperature < 0)
    return badRequest(`temperature must be non-negative, got ${temperature}.`)
  if (topP !== undefined && (topP <= 0 || topP > 1)) return badRequest(`top_p must be in (0, 1], got ${topP}.`)
  if (topK !== undefined && topK < -1) return badRequest(`top_k must be -1 (disable) or at least 1, got ${topK}.`)
  if (maxTokens !== undefined && maxTokens < 0)
    return badRequest(`max_new_tokens must be at least 0, got ${maxTokens}.`)
  if (maxTokens !== undefined && minTokens > maxTokens)
    return badRequest(`min_new_tokens must be in [0, max_new_tokens(${maxTokens})], got ${minTokens}.`)
  return null
}

function room({ tokens: promptTokens }: Prompt, { kind, maxTokens }: GenerationRequest, { maxModelLen }: Served) {
  if (promptTokens >= maxModelLen)
    return {
      problem: badRequest(
        `The input (${promptTokens} tokens) is longer than the model's context length (${maxModelLen} tokens).`,
      ),
    }
  const asked = maxTokens ?? (kind === 'completion' ? 16 : maxModelLen - promptTokens)
  if (promptTokens + asked > maxModelLen)
    return {
      problem: badRequest(
        `Requested token count exceeds the model's maximum context length of ${maxModelLen} tokens. You requested a total of ${promptTokens + asked} tokens: ${promptTokens} tokens from the input messages and ${asked} tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.`,
      ),
    }
  return { maxTokens: Math.max(1, asked) }
}

const matchedStop = ({ reason, stopString }: ChoiceEnd) => stopString ?? (reason === 'stop' ? 2 : null)
const usageOf = (usage: Usage) => ({ ...usageBody(usage), prompt_tokens_details: null, reasoning_tokens: 0 })

function answer(head: AnswerHead, choices: readonly FinishedChoice[], usage: Usage) {
  const isChat = head.request.kind === 'chat'
  return {
    id: head.id,
    object: isChat ? 'chat.completion' : 'text_completion',
    created: head.createdS,
    model: head.request.model ?? head.served.model,
    choices: choices.map(({ index, text, end }) => ({
      index,
      ...(isChat
        ? { message: { role: 'assistant', content: text, reasoning_content: null, tool_calls: null } }
        : { text }),
      logprobs: null,
      finish_reason: end.reason,
      matched_stop: matchedStop(end),
    })),
    usage: usageOf(usage),
    metadata: { weight_version: 'default' },
  }
}

/** The end comes in a frame of its own, after the last text. */
function frames(head: AnswerHead) {
  const isChat = head.request.kind === 'chat'
  const empty = { role: null, content: null, reasoning_content: null, tool_calls: null }
  const frame = (choices: readonly unknown[], usage: unknown) =>
    event({
      id: head.id,
      object: isChat ? 'chat.completion.chunk' : 'text_completion',
      created: head.createdS,
      model: head.request.model ?? head.served.model,
      choices,
      usage,
    })
  const choice = (index: number, delta: object, text: string, end: ChoiceEnd | null) => ({
    index,
    ...(isChat ? { delta: { ...empty, ...delta } } : { text }),
    logprobs: null,
    finish_reason: end?.reason ?? null,
    matched_stop: end === null ? null : matchedStop(end),
  })
  return {
    token({ index, text, tokens, promptTokens, end }: TokenEvent) {
      const usage = head.request.continuousUsage ? usageOf({ promptTokens, completionTokens: tokens }) : null
      const opening =
        tokens === 1 && isChat ? frame([choice(index, { role: 'assistant', content: '' }, '', null)], null) : ''
      const content = text === '' ? '' : frame([choice(index, { content: text }, text, null)], usage)
      return opening + content + (end === null ? '' : frame([choice(index, {}, '', end)], null))
    },
    close: (usage: Usage) => (head.request.includeUsage ? frame([], usageOf(usage)) : '') + DONE,
  }
}
