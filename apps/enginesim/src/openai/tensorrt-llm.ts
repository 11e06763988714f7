/** TensorRT-LLM's OpenAI server (trtllm-serve), from its public source; no running one was compared. */
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
import type { TokenEvent, Usage } from './generate.ts'
import type { GenerationRequest } from './parse-request.ts'
import { type Answer, badRequest, type Problem } from './problems.ts'

const fixed = (answer: (served: Served) => Answer): Route => ({ method: 'GET', action: 'fixed', fixed: answer })

const routes = new Map<string, readonly Route[]>([
  ['/health', [fixed(() => ({ status: 200 }))]],
  ['/health_generate', [{ method: 'GET', action: 'generate-check' }]],
  ['/version', [fixed(({ version }) => ({ status: 200, body: { version } }))]],
  ['/v1/models', [fixed((served) => ({ status: 200, body: models(served) }))]],
  ['/server_info', [fixed(() => ({ status: 200, body: { disaggregated_params: {} } }))]],
  // Iteration statistics as JSON, drained by reading; none are kept here.
  ['/metrics', [fixed(() => ({ status: 200, body: [] }))]],
  ['/prometheus/metrics', [{ method: 'GET', action: 'metrics' }]],
  ['/v1/completions', [{ method: 'POST', action: 'completion' }]],
  ['/v1/chat/completions', [{ method: 'POST', action: 'chat' }]],
])

export const tensorrtLlmDialect: Dialect = {
  routes,
  headers: { server: 'uvicorn' },
  metricsContentType: 'text/plain; version=1.0.0; charset=utf-8',
  problem: answerProblem,
  check,
  room,
  newId: (kind) => `${kind === 'chat' ? 'chatcmpl' : 'cmpl'}-${randomUUID().replaceAll('-', '')}`,
  answer,
  stream: frames,
}

const models = ({ model, startedAtS }: Served) => ({
  object: 'list',
  data: [{ id: model, object: 'model', created: Math.floor(startedAtS), owned_by: 'tensorrt_llm' }],
})

function answerProblem(problem: Problem): Answer {
  switch (problem.kind) {
    case 'schema':
      return {
        status: 400,
        body: { error: JSON.stringify(problem.errors.map(({ type, loc, msg }) => ({ type, loc, msg }))) },
      }
    case 'media-type':
      return { status: 400, body: { error: "Unsupported Media Type: Only 'application/json' is allowed" } }
    case 'bad-request':
      return error(400, problem.message, 'BadRequestError')
    case 'unknown-model':
      return error(404, `The model '${problem.model}' does not exist.`, 'NotFoundError')
    case 'no-route':
      return { status: 404, body: { detail: 'Not Found' } }
    case 'wrong-method':
      return { status: 405, headers: { allow: problem.allow }, body: { detail: 'Method Not Allowed' } }
    case 'engine-failure':
      return error(500, problem.message, 'InternalServerError')
  }
}

const error = (status: number, message: string, type: string): Answer => ({
  status,
  body: { object: 'error', message, type, param: null, code: status },
})

function check(request: GenerationRequest): Problem | null {
  const { temperature, topP, maxTokens, n } = request
  if (request.kind === 'chat' && request.prompts.length === 0) return badRequest('list index out of range')
  if (n < 1) return badRequest(`require n >= 1, got n=${n}`)
  if (temperature !== undefined && temperature < 0)
    return badRequest(`require temperature >= 0, got temperature=${temperature}`)
  if (topP !== undefined && (topP < 0 || topP > 1)) return badRequest(`require 0 <= top_p <= 1, got top_p=${topP}`)
  if (maxTokens !== undefined && maxTokens < 1) return badRequest(`max_tokens must be at least 1, got ${maxTokens}`)
  return null
}

function room({ tokens: promptTokens }: Prompt, { kind, maxTokens }: GenerationRequest, { maxModelLen }: Served) {
  const asked = maxTokens ?? (kind === 'completion' ? 16 : Math.max(1, maxModelLen - promptTokens))
  if (promptTokens + asked > maxModelLen)
    return {
      problem: badRequest(
        `The sum of prompt length (${promptTokens}), query length (0) and max_tokens (${asked}) should not exceed max_seq_len (${maxModelLen})`,
      ),
    }
  return { maxTokens: asked }
}

function answer(head: AnswerHead, choices: readonly FinishedChoice[], usage: Usage) {
  const isChat = head.request.kind === 'chat'
  return {
    id: head.id,
    object: isChat ? 'chat.completion' : 'text_completion',
    created: head.createdS,
    model: head.served.model,
    choices: choices.map(({ index, text, end }) => ({
      index,
      ...(isChat ? { message: { role: 'assistant', content: text, reasoning_content: '', tool_calls: [] } } : { text }),
      logprobs: null,
      finish_reason: end.reason,
      stop_reason: end.stopString,
      disaggregated_params: null,
    })),
    usage: usageBody(usage),
    prompt_token_ids: null,
  }
}

function frames(head: AnswerHead) {
  const isChat = head.request.kind === 'chat'
  const frame = (choices: readonly unknown[], usage: unknown) =>
    event({
      id: head.id,
      object: isChat ? 'chat.completion.chunk' : 'text_completion',
      created: head.createdS,
      model: head.served.model,
      choices,
      usage,
    })
  const opening = { role: 'assistant', content: '', reasoning_content: '', tool_calls: [] }
  return {
    token({ index, text, tokens, promptTokens, end }: TokenEvent) {
      const usage = head.request.continuousUsage ? usageBody({ promptTokens, completionTokens: tokens }) : null
      const ending = { logprobs: null, finish_reason: end?.reason ?? null, stop_reason: end?.stopString ?? null }
      const open = { index, delta: opening, logprobs: null, finish_reason: null, stop_reason: null }
      const opened = tokens === 1 && isChat ? frame([open], null) : ''
      return opened + frame([{ index, ...(isChat ? { delta: { content: text } } : { text }), ...ending }], usage)
    },
    close: (usage: Usage) => (head.request.includeUsage ? frame([], usageBody(usage)) : '') + DONE,
  }
}
