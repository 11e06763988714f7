/** An untrusted body → what is to be generated. Schema faults only; ranges are each engine's own matter. */
import { type Prompt, promptFromText, promptFromTokenIds } from '../domain/prompt.ts'
import { FieldReader, isObject } from './coerce.ts'
import { badRequest, type Problem } from './problems.ts'

export type RequestKind = 'chat' | 'completion'

export interface GenerationRequest {
  kind: RequestKind
  model: string | undefined
  prompts: readonly { prompt: Prompt; topic: string }[]
  /** Choices for each prompt. */
  n: number
  /** What the client asked for, which may be more than there is room for. */
  maxTokens: number | undefined
  minTokens: number
  ignoreEos: boolean
  stop: readonly string[]
  seed: number
  stream: boolean
  includeUsage: boolean
  continuousUsage: boolean
  /** Completions: the prompt comes back before the text. */
  echo: boolean
  temperature: number | undefined
  topP: number | undefined
  topK: number | undefined
  presencePenalty: number | undefined
  frequencyPenalty: number | undefined
}

export type Parsed = { request: GenerationRequest } | { problem: Problem }

const STOP_STRINGS_MOST = 4

export function parseRequest(kind: RequestKind, body: unknown): Parsed {
  if (!isObject(body)) return { problem: { kind: 'schema', errors: [notAnObject(body)] } }
  const fields = new FieldReader(body)
  const common = readCommon(fields)
  const prompts = kind === 'chat' ? readMessages(fields) : readPrompt(fields)
  if (fields.errors.length > 0) return { problem: { kind: 'schema', errors: fields.errors } }
  const unsupported = findUnsupported(fields)
  if (unsupported !== undefined) return { problem: unsupported }
  if ('problem' in prompts) return prompts
  const echo = kind === 'completion' && common.echo
  return { request: { kind, ...common, echo, prompts: prompts.prompts } }
}

function readCommon(fields: FieldReader) {
  const options = fields.object('stream_options')
  const stream = fields.boolean('stream') ?? false
  const streamOptions = new FieldReader(options ?? {}, ['body', 'stream_options'])
  const includeUsage = streamOptions.boolean('include_usage') ?? false
  const continuousUsage = includeUsage && (streamOptions.boolean('continuous_usage_stats') ?? false)
  fields.errors.push(...streamOptions.errors)
  const asked = fields.integer('max_completion_tokens')
  const maxTokens = fields.integer('max_tokens')
  return {
    model: fields.string('model') || undefined,
    n: fields.integer('n') ?? 1,
    maxTokens: asked ?? maxTokens,
    minTokens: fields.integer('min_tokens') ?? 0,
    ignoreEos: fields.boolean('ignore_eos') ?? false,
    stop: readStop(fields),
    seed: fields.integer('seed') ?? 0,
    stream,
    includeUsage,
    continuousUsage,
    echo: fields.boolean('echo') ?? false,
    temperature: fields.float('temperature'),
    topP: fields.float('top_p'),
    topK: fields.integer('top_k'),
    presencePenalty: fields.float('presence_penalty'),
    frequencyPenalty: fields.float('frequency_penalty'),
  }
}

function readStop(fields: FieldReader): string[] {
  const stop = fields.raw('stop')
  if (stop === undefined || stop === null) return []
  if (typeof stop === 'string') return [stop]
  if (!Array.isArray(stop)) {
    fields.complain('stop', 'string_type', 'Input should be a valid string', stop)
    fields.complain('stop', 'list_type', 'Input should be a valid list', stop)
    return []
  }
  if (stop.length > STOP_STRINGS_MOST) {
    fields.complain('stop', 'string_type', 'Input should be a valid string', stop)
    const msg = `List should have at most ${STOP_STRINGS_MOST} items after validation, not ${stop.length}`
    fields.complain('stop', 'too_long', msg, stop)
  }
  for (const [i, one] of stop.entries())
    if (typeof one !== 'string') fields.complain(['stop', i], 'string_type', 'Input should be a valid string', one)
  return stop.filter((one): one is string => typeof one === 'string')
}

type ReadPrompts = { prompts: GenerationRequest['prompts'] } | { problem: Problem }

function readMessages(fields: FieldReader): ReadPrompts {
  const messages = fields.raw('messages')
  if (messages === undefined) fields.missing('messages')
  else if (!Array.isArray(messages)) fields.complain('messages', 'list_type', 'Input should be a valid list', messages)
  if (!Array.isArray(messages)) return { prompts: [] }
  const turns = messages.map((message, i) => readMessage(fields, message, i))
  const topic = turns.findLast(({ role }) => role === 'user')?.text ?? ''
  const text = `${turns.map(({ role, text: said }) => `${role}: ${said}\n`).join('')}assistant:`
  return { prompts: turns.length === 0 ? [] : [{ prompt: promptFromText(text), topic }] }
}

function readMessage(fields: FieldReader, message: unknown, i: number): { role: string; text: string } {
  if (!isObject(message)) {
    fields.complain(['messages', i], 'dict_type', 'Input should be a valid dictionary', message)
    return { role: '', text: '' }
  }
  const { role, content } = message
  if (role === undefined) fields.complain(['messages', i, 'role'], 'missing', 'Field required', message)
  else if (typeof role !== 'string')
    fields.complain(['messages', i, 'role'], 'string_type', 'Input should be a valid string', role)
  return { role: String(role), text: readContent(fields, content, i) }
}

function readContent(fields: FieldReader, content: unknown, i: number): string {
  if (content === undefined || content === null) return ''
  if (typeof content === 'string') return content
  if (Array.isArray(content))
    return content.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('\n')
  fields.complain(['messages', i, 'content'], 'string_type', 'Input should be a valid string', content)
  return ''
}

function readPrompt(fields: FieldReader): ReadPrompts {
  const value = fields.raw('prompt')
  if (value === undefined || value === null || value === '')
    return {
      problem: badRequest(
        'Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)',
        'prompt',
      ),
    }
  if (typeof value === 'string') return { prompts: [textPrompt(value)] }
  if (isTokenIds(value) && value.length > 0) return { prompts: [idsPrompt(value)] }
  if (!Array.isArray(value)) {
    fields.complain('prompt', 'list_type', 'Input should be a valid list', value)
    fields.complain('prompt', 'string_type', 'Input should be a valid string', value)
    return { prompts: [] }
  }
  if (value.length === 0) return { problem: badRequest('You must pass at least one prompt') }
  const prompts: { prompt: Prompt; topic: string }[] = []
  for (const [i, one] of value.entries()) {
    if (typeof one === 'string') prompts.push(textPrompt(one))
    else if (isTokenIds(one)) prompts.push(idsPrompt(one))
    else fields.complain(['prompt', i], 'string_type', 'Input should be a valid string', one)
  }
  return { prompts }
}

/** What a simulator cannot honestly do is refused, not ignored. */
function findUnsupported(fields: FieldReader): Problem | undefined {
  const tools = fields.raw('tools')
  if (Array.isArray(tools) && tools.length === 0)
    return badRequest(
      '`tools` must not be an empty array. Either provide at least one tool or omit the field entirely. (parameter=tools)',
      'tools',
    )
  if (fields.has('tools'))
    return badRequest('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set')
  const format = fields.raw('response_format')
  if (isObject(format) && format.type !== 'text')
    return badRequest('This engine is simulated and cannot constrain its output: leave response_format out.')
  if (fields.has('logprobs') && fields.raw('logprobs') !== false)
    return badRequest('This engine is simulated and has no log probabilities: leave logprobs out.')
  return undefined
}

const textPrompt = (text: string) => ({ prompt: promptFromText(text), topic: text })
const idsPrompt = (ids: readonly number[]) => ({ prompt: promptFromTokenIds(ids), topic: '' })

const isTokenIds = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0)

const notAnObject = (input: unknown) => ({
  type: 'model_attributes_type',
  loc: ['body'],
  msg: 'Input should be a valid dictionary or object to extract fields from',
  input,
})
