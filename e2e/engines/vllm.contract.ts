/** vLLM 0.32 to the letter: keys, error bodies and messages as a running one answers them. */
import { beforeAll, describe, expect, it } from 'vitest'
import { boundsOf, parseExposition, total } from './exposition.ts'
import {
  ask,
  chat,
  completion,
  framesOf,
  keysOf,
  MAX_MODEL_LEN,
  MODEL,
  objectsIn,
  post,
  type Target,
} from './target.ts'

const CHAT = '/v1/chat/completions'
const COMPLETION = '/v1/completions'

interface Refusal {
  what: string
  path: string
  body: unknown
  status?: number
  type: string
  param: string | null
  message: RegExp
}

const schema = (what: string, body: unknown, param: string, message: RegExp, path = CHAT): Refusal => ({
  what,
  path,
  body,
  type: 'Bad Request',
  param,
  message,
})
const range = (what: string, body: unknown, param: string | null, message: RegExp, path = CHAT): Refusal => ({
  what,
  path,
  body,
  type: 'BadRequestError',
  param,
  message,
})
const without = (body: object, field: string) => ({ ...body, [field]: undefined })

const refusals: Refusal[] = [
  {
    what: 'an unknown model',
    path: CHAT,
    body: chat({ model: 'nope' }),
    status: 404,
    type: 'NotFoundError',
    param: 'model',
    message: /^The model `nope` does not exist\. Valid aliases: tiny\.$/,
  },
  {
    what: 'an unknown model for a completion',
    path: COMPLETION,
    body: completion({ model: 'nope' }),
    status: 404,
    type: 'NotFoundError',
    param: 'model',
    message: /^The model `nope` does not exist\./,
  },
  schema(
    'no messages',
    without(chat(), 'messages'),
    'body.messages',
    /^1 validation error:\n {2}\{'type': 'missing', 'loc': 'body\.messages', 'msg': 'Field required'/,
  ),
  schema('messages that are no list', chat({ messages: 'hi' }), 'body.messages', /'type': 'list_type'.*'input': 'hi'/),
  schema(
    'malformed JSON',
    '{bad json',
    'body.1',
    /'type': 'json_invalid', 'loc': 'body\.1'.*Expecting property name enclosed in double quotes/,
  ),
  schema(
    'a list for a body',
    '[1]',
    'body',
    /'type': 'model_attributes_type', 'loc': 'body'.*'input': '<list of 1 items>'/,
  ),
  schema('an empty body', '', 'body', /'type': 'missing', 'loc': 'body', 'msg': 'Field required', 'input': 'None'/),
  schema(
    'a temperature that is no number',
    chat({ temperature: 'hot' }),
    'body.temperature',
    /'type': 'float_parsing'.*'input': 'hot'/,
  ),
  schema('max_tokens that is no number', chat({ max_tokens: 'x' }), 'body.max_tokens', /'type': 'int_parsing'/),
  schema(
    'a fraction of a token',
    chat({ max_tokens: 2.5 }),
    'body.max_tokens',
    /'type': 'int_from_float'.*'input': '2\.5'/,
  ),
  schema('n that is no number', chat({ n: 'a' }), 'body.n', /'type': 'int_parsing'/),
  schema('a seed that is no number', chat({ seed: 'x' }), 'body.seed', /'type': 'int_parsing'/),
  schema('stream that is neither true nor false', chat({ stream: 'maybe' }), 'body.stream', /'type': 'bool_parsing'/),
  schema(
    'stream_options that are no object',
    chat({ stream: true, stream_options: 5 }),
    'body.stream_options',
    /'type': 'model_attributes_type'/,
  ),
  schema('a model that is no string', chat({ model: 5 }), 'body.model', /'type': 'string_type'.*'input': '5'/),
  schema('a stop that is neither string nor list', chat({ stop: 5 }), 'body.stop', /^2 validation errors:/),
  schema(
    'more than four stop strings',
    completion({ stop: ['a', 'b', 'c', 'd', 'e'] }),
    'body.stop',
    /List should have at most 4 items after validation, not 5/,
    COMPLETION,
  ),
  range('an empty conversation', chat({ messages: [] }), null, /^Cannot apply chat template to an empty conversation/),
  range(
    'a negative temperature',
    chat({ temperature: -1 }),
    'temperature',
    /^temperature must be non-negative, got -1\.0\. \(parameter=temperature, value=-1\.0\)$/,
  ),
  range(
    'a temperature over 2',
    chat({ temperature: 99 }),
    'temperature',
    /^temperature must be in \[0, 2\], got 99\.0\./,
  ),
  range('top_p over 1', chat({ top_p: 2 }), 'top_p', /^top_p must be in \(0, 1\], got 2\.0\./),
  range('top_p of 0', chat({ top_p: 0 }), 'top_p', /^top_p must be in \(0, 1\], got 0\.0\./),
  range('top_k below -1', chat({ top_k: -5 }), null, /^top_k must be 0 \(disable\), or at least 1, got -5\.$/),
  range(
    'a presence penalty over 2',
    chat({ presence_penalty: 3 }),
    null,
    /^presence_penalty must be in \[-2, 2\], got 3\.0\.$/,
  ),
  range('max_tokens of 0', chat({ max_tokens: 0 }), 'max_tokens', /^max_tokens must be at least 1, got 0\./),
  range(
    'max_tokens beyond the context',
    chat({ max_tokens: 5000 }),
    'max_tokens',
    /^max_tokens=5000 cannot be greater than max_model_len=512\./,
  ),
  range(
    'min_tokens over max_tokens',
    chat({ min_tokens: 9 }),
    null,
    /^min_tokens must be less than or equal to max_tokens=4, got 9\.$/,
  ),
  range('n of 0', completion({ n: 0 }), null, /^n must be at least 1, got 0\.$/, COMPLETION),
  range('an empty stop string', chat({ stop: '' }), null, /^stop cannot contain an empty string\.$/),
  range('an empty list of tools', chat({ tools: [] }), 'tools', /^`tools` must not be an empty array/),
  range(
    'no prompt',
    without(completion(), 'prompt'),
    'prompt',
    /^Either prompt or prompt_embeds must be provided/,
    COMPLETION,
  ),
  range('an empty prompt', completion({ prompt: '' }), 'prompt', /^Either prompt or prompt_embeds/, COMPLETION),
  range(
    'an empty list of prompts',
    completion({ prompt: [] }),
    null,
    /^You must pass at least one prompt$/,
    COMPLETION,
  ),
  range(
    'stream options without a stream',
    completion({ stream_options: { include_usage: true } }),
    'stream_options',
    /^Stream options can only be defined when `stream=True`/,
    COMPLETION,
  ),
  range(
    'a prompt longer than the context',
    completion({ prompt: Array(MAX_MODEL_LEN + 88).fill(5) }),
    'input_tokens',
    /^This model's maximum context length is 512 tokens\. However, your prompt contains 600 input tokens/,
    COMPLETION,
  ),
  range(
    'a prompt as long as the context',
    completion({ prompt: Array(MAX_MODEL_LEN).fill(5) }),
    'max_tokens',
    /^max_tokens must be at least 1, got 0\./,
    COMPLETION,
  ),
]

const KEYS = {
  chat: [
    'choices',
    'created',
    'ec_transfer_params',
    'id',
    'kv_transfer_params',
    'metrics',
    'model',
    'object',
    'prompt_logprobs',
    'prompt_text',
    'prompt_token_ids',
    'service_tier',
    'system_fingerprint',
    'usage',
  ],
  chatChoice: ['finish_reason', 'index', 'logprobs', 'message', 'routed_experts', 'stop_reason', 'token_ids'],
  message: ['annotations', 'audio', 'content', 'function_call', 'reasoning', 'refusal', 'role'],
  completion: [
    'choices',
    'created',
    'ec_transfer_params',
    'id',
    'kv_transfer_params',
    'metrics',
    'model',
    'object',
    'service_tier',
    'system_fingerprint',
    'usage',
  ],
  completionChoice: [
    'finish_reason',
    'index',
    'logprobs',
    'prompt_logprobs',
    'prompt_token_ids',
    'routed_experts',
    'stop_reason',
    'text',
    'token_ids',
  ],
  usage: ['completion_tokens', 'completion_tokens_details', 'prompt_tokens', 'prompt_tokens_details', 'total_tokens'],
}

export function vllmContract(start: () => Promise<Target>): void {
  let target: Target
  beforeAll(async () => {
    target = await start()
  })

  describe('paths', () => {
    it.each(['/health', '/ping'])('answers %s with an empty 200', async (path) => {
      expect(await ask(target, path)).toMatchObject({ status: 200, text: '' })
    })

    it('names its version and its load', async () => {
      expect((await ask(target, '/version')).json).toEqual({ version: target.version })
      expect((await ask(target, '/load')).json).toEqual({ server_load: 0 })
    })

    it('describes its model with the context length', async () => {
      const { json } = await ask(target, '/v1/models')
      const [card] = objectsIn(json, 'data')
      expect(keysOf(card)).toEqual([
        'created',
        'id',
        'max_model_len',
        'object',
        'owned_by',
        'parent',
        'permission',
        'root',
      ])
      expect(card).toMatchObject({ id: MODEL, owned_by: 'vllm', max_model_len: MAX_MODEL_LEN, parent: null })
      expect(keysOf(objectsIn(card, 'permission')[0])).toContain('allow_sampling')
    })

    it('counts tokens of a text', async () => {
      const { json } = await post(target, '/tokenize', { model: MODEL, prompt: 'Hello world' })
      expect(keysOf(json)).toEqual(['count', 'max_model_len', 'token_strs', 'tokens'])
      expect(json?.max_model_len).toBe(MAX_MODEL_LEN)
      expect(json?.tokens).toHaveLength(Number(json?.count))
    })

    it('has neither embeddings nor single models', async () => {
      expect((await post(target, '/v1/embeddings', { model: MODEL, input: 'x' })).json).toEqual({ detail: 'Not Found' })
      expect((await ask(target, `/v1/models/${MODEL}`)).json).toEqual({ detail: 'Not Found' })
    })
  })

  describe('error bodies', () => {
    it.each(refusals)('refuses $what', async ({ path, body, status = 400, type, param, message }) => {
      const answer = await post(target, path, body)
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(keysOf(answer.json)).toEqual(['error'])
      expect(answer.json?.error).toEqual({ message: expect.stringMatching(message), type, param, code: status })
    })

    it('refuses a body that is not declared as JSON', async () => {
      const answer = await ask(target, CHAT, {
        method: 'POST',
        body: JSON.stringify(chat()),
        headers: { 'content-type': 'text/plain' },
      })
      expect(answer.json).toEqual({
        error: {
          message: "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
          type: 'Bad Request',
          param: null,
          code: 400,
        },
      })
    })
  })

  describe('answers', () => {
    it('has exactly the keys of a chat completion', async () => {
      const { json } = await post(target, CHAT, chat())
      const [choice] = objectsIn(json, 'choices')
      expect(keysOf(json)).toEqual(KEYS.chat)
      expect(keysOf(choice)).toEqual(KEYS.chatChoice)
      expect(keysOf(choice?.message)).toEqual(KEYS.message)
      expect(keysOf(json?.usage)).toEqual(KEYS.usage)
      expect(json).toMatchObject({
        object: 'chat.completion',
        model: MODEL,
        id: expect.stringMatching(/^chatcmpl-[0-9a-f]{16}$/),
      })
      expect(json?.system_fingerprint).toMatch(/^vllm-0\.32\.0-\w+$/)
    })

    it('has exactly the keys of a text completion', async () => {
      const { json } = await post(target, COMPLETION, completion())
      expect(keysOf(json)).toEqual(KEYS.completion)
      expect(keysOf(objectsIn(json, 'choices')[0])).toEqual(KEYS.completionChoice)
      expect(json).toMatchObject({ object: 'text_completion', id: expect.stringMatching(/^cmpl-[0-9a-f]{16}$/) })
    })

    it('needs no model name, takes text parts, and coerces as pydantic does', async () => {
      const parts = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }]
      for (const body of [
        without(chat(), 'model'),
        chat({ model: null }),
        chat({ model: '' }),
        chat({ messages: parts }),
        chat({ max_tokens: '4' }),
        chat({ max_tokens: 4.0, temperature: '0.5' }),
        chat({ stop: [], user: 'x', unknown_field: 1 }),
      ])
        expect((await post(target, CHAT, body)).json?.usage).toMatchObject({ completion_tokens: 4 })
    })

    it('prefers max_completion_tokens, and defaults a completion to 16 tokens', async () => {
      const short = await post(target, CHAT, chat({ max_completion_tokens: 2, max_tokens: 4 }))
      expect(short.json?.usage).toMatchObject({ completion_tokens: 2 })
      const open = await post(target, COMPLETION, without(completion(), 'max_tokens'))
      expect(open.json?.usage).toMatchObject({ completion_tokens: 16 })
    })

    it('cuts the answer at the end of the context instead of refusing', async () => {
      const { json } = await post(
        target,
        COMPLETION,
        completion({ prompt: Array(MAX_MODEL_LEN - 3).fill(5), max_tokens: 10 }),
      )
      expect(json?.usage).toMatchObject({ completion_tokens: 3, total_tokens: MAX_MODEL_LEN })
    })

    it('numbers choices over prompts and n, and counts each prompt once', async () => {
      const { json } = await post(target, COMPLETION, completion({ prompt: [[7, 8], [9]], n: 2, temperature: 1 }))
      expect(objectsIn(json, 'choices').map(({ index }) => index)).toEqual([0, 1, 2, 3])
      expect(json?.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 16 })
    })

    it('echoes the prompt when asked', async () => {
      const { json } = await post(target, COMPLETION, completion({ echo: true }))
      expect(objectsIn(json, 'choices')[0]?.text).toMatch(/^Hello world/)
    })

    it('ends before a stop string and names it', async () => {
      const stop = ['a', 'e', 'i', 'o']
      const { json } = await post(target, COMPLETION, completion({ stop, max_tokens: 490, seed: 1 }))
      const [choice] = objectsIn(json, 'choices')
      expect(choice?.finish_reason).toBe('stop')
      expect(stop).toContain(choice?.stop_reason)
      expect(choice?.text).not.toMatch(/[aeio]/)
    })
  })

  describe('streams', () => {
    it('sends a role frame and one frame a token', async () => {
      const frames = framesOf((await post(target, CHAT, chat({ stream: true }))).text)
      expect(frames.length).toBe(6)
      const [role, ...tokens] = frames.slice(0, -1).map((frame) => (frame === '[DONE]' ? {} : frame))
      expect(keysOf(role)).toEqual(['choices', 'created', 'id', 'model', 'object', 'prompt_text', 'prompt_token_ids'])
      expect(objectsIn(role, 'choices')).toEqual([
        { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
      ])
      for (const frame of tokens.slice(0, -1)) {
        expect(keysOf(frame)).toEqual(['choices', 'created', 'id', 'model', 'object'])
        expect(keysOf(objectsIn(frame, 'choices')[0])).toEqual([
          'delta',
          'finish_reason',
          'index',
          'logprobs',
          'token_ids',
        ])
        expect(keysOf(objectsIn(frame, 'choices')[0]?.delta)).toEqual(['content'])
      }
      const last = tokens.at(-1)
      expect(keysOf(last)).toEqual(['choices', 'created', 'id', 'model', 'object', 'system_fingerprint'])
      expect(objectsIn(last, 'choices')[0]).toMatchObject({ finish_reason: 'length', stop_reason: null })
      expect(new Set([role, ...tokens].map((frame) => (frame as { id: string }).id)).size).toBe(1)
      expect(role).toMatchObject({ object: 'chat.completion.chunk', model: MODEL })
    })

    it('moves the fingerprint to the usage frame when there is one', async () => {
      const body = chat({ stream: true, stream_options: { include_usage: true } })
      const frames = framesOf((await post(target, CHAT, body)).text)
      const usage = frames.at(-2)
      expect(keysOf(usage)).toEqual(['choices', 'created', 'id', 'model', 'object', 'system_fingerprint', 'usage'])
      expect(keysOf(usage === '[DONE]' ? {} : usage?.usage)).toEqual([
        'completion_tokens',
        'prompt_tokens',
        'total_tokens',
      ])
      expect(frames.at(-3)).not.toHaveProperty('system_fingerprint')
    })

    it('counts along with continuous usage', async () => {
      const stream_options = { include_usage: true, continuous_usage_stats: true }
      const frames = framesOf((await post(target, CHAT, chat({ stream: true, stream_options }))).text)
      const counts = frames.map((frame) =>
        frame === '[DONE]' ? null : (frame.usage as { completion_tokens: number }).completion_tokens,
      )
      // A busy engine may send two tokens in one frame, never one twice.
      const running = counts.slice(0, -2)
      expect(running).toEqual([...new Set(running)].sort())
      expect([running[0], running.at(-1), ...counts.slice(-2)]).toEqual([0, 4, 4, null])
    })

    it('streams text completions without a role', async () => {
      const frames = framesOf((await post(target, COMPLETION, completion({ stream: true }))).text)
      expect(frames.length).toBe(5)
      const [first] = frames
      expect(keysOf(objectsIn(first === '[DONE]' ? {} : first, 'choices')[0])).toEqual([
        'finish_reason',
        'index',
        'logprobs',
        'prompt_token_ids',
        'stop_reason',
        'text',
        'token_ids',
      ])
      expect(frames.at(-2)).toMatchObject({ object: 'text_completion', system_fingerprint: expect.any(String) })
    })

    it('refuses before it streams', async () => {
      const answer = await post(target, CHAT, chat({ stream: true, temperature: -1 }))
      expect(answer.status).toBe(400)
      expect(answer.headers.get('content-type')).toBe('application/json')
    })
  })

  describe('metrics', () => {
    const read = async () => parseExposition((await ask(target, '/metrics')).text)

    it('declares its content type as the Python client of this version does', async () => {
      const { headers } = await ask(target, '/metrics')
      expect(headers.get('content-type')).toBe('text/plain; version=1.0.0; charset=utf-8')
    })

    it('exposes no engine family that the table lacks, and the same label values', async () => {
      const { engineMetricFamilies } = await import('@bud/engines')
      const known = new Set(engineMetricFamilies('vllm', MAX_MODEL_LEN).map(({ name }) => name))
      const families = await read()
      const unknown = [...families.keys()].filter(
        (name) => /^(vllm:|http_)/.test(name) && !name.endsWith('_created') && !known.has(name),
      )
      expect(unknown).toEqual([])
      const values = (name: string, label: string) => families.get(name)?.samples.map(({ labels }) => labels[label])
      expect(values('vllm:request_success_total', 'finished_reason')).toEqual([
        'stop',
        'length',
        'abort',
        'error',
        'repetition',
      ])
      expect(values('vllm:num_requests_waiting_by_reason', 'reason')).toEqual(['capacity', 'deferred'])
      expect(values('vllm:engine_sleep_state', 'sleep_state')).toEqual(['awake', 'weights_offloaded', 'discard_all'])
      expect(values('vllm:num_requests_running', 'model_name')).toEqual([MODEL])
      expect(values('vllm:num_requests_running', 'engine')).toEqual(['0'])
    })

    it('has a creation time beside each counter and histogram', async () => {
      const families = await read()
      for (const name of [
        'vllm:prompt_tokens_created',
        'vllm:e2e_request_latency_seconds_created',
        'vllm:iteration_tokens_total_created',
        'http_requests_created',
      ])
        expect(families.get(name)?.type, name).toBe('gauge')
    })

    it('bounds token counts by the context length', async () => {
      const family = (await read()).get('vllm:request_prompt_tokens')
      expect(family && boundsOf(family)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500])
    })

    it('counts HTTP requests by route and class, without probes and scrapes', async () => {
      const before = await read()
      await post(target, CHAT, chat())
      await post(target, CHAT, chat({ temperature: -1 }))
      await ask(target, '/health')
      await ask(target, '/nope')
      const after = await read()
      const moved = (where: Record<string, string>) =>
        total(after, 'http_requests_total', where) - total(before, 'http_requests_total', where)
      expect(moved({ handler: CHAT, method: 'POST', status: '2xx' })).toBe(1)
      expect(moved({ handler: CHAT, method: 'POST', status: '4xx' })).toBe(1)
      expect(moved({ handler: 'none', method: 'GET', status: '4xx' })).toBe(1)
      expect(moved({ handler: '/health' }) + moved({ handler: '/metrics' })).toBe(0)
    })

    it('records what a request wished for and got', async () => {
      const before = await read()
      await post(target, COMPLETION, completion({ prompt: [5, 6, 7], max_tokens: 7, n: 1 }))
      const after = await read()
      const moved = (name: string, where: Record<string, string> = {}) =>
        total(after, name, where) - total(before, name, where)
      expect(moved('vllm:request_params_max_tokens_sum')).toBe(7)
      expect(moved('vllm:request_params_n_sum')).toBe(1)
      expect(moved('vllm:request_prompt_tokens_sum')).toBe(3)
      expect(moved('vllm:request_generation_tokens_sum')).toBe(7)
      expect(moved('vllm:iteration_tokens_total_sum')).toBe(3 + 7)
      expect(moved('vllm:request_success_total', { finished_reason: 'length' })).toBe(1)
      expect(moved('vllm:request_time_per_output_token_seconds_count')).toBe(1)
      expect(moved('vllm:prompt_tokens_by_source_total', { source: 'local_compute' })).toBe(3)
    })
  })
}
