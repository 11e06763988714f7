import { once } from 'node:events'
import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from './testing/start-test-gateway.ts'
import { route, sha256, TEST_KEY, TestControlPlane, upstream } from './testing/test-control-plane.ts'
import {
  answer,
  beginStream,
  contentChunk,
  endStream,
  event,
  sendJson,
  startTestEngine,
  type TestEngine,
} from './testing/test-engine.ts'

const open: { close(): Promise<void> }[] = []
const keep = <T extends { close(): Promise<void> }>(resource: T): T => {
  open.push(resource)
  return resource
}
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
})

async function start(
  engineCount = 1,
  settings: Parameters<typeof startTestGateway>[1] = {},
): Promise<{ engines: TestEngine[]; control: TestControlPlane; gateway: TestGateway; engine: TestEngine }> {
  const engines: TestEngine[] = []
  for (let i = 0; i < engineCount; i++) engines.push(keep(await startTestEngine()))
  const control = keep(await new TestControlPlane().listen())
  control.publish([
    route(
      'chat',
      engines.map(({ url }, i) => upstream(`chat.${i}`, url)),
    ),
  ])
  const gateway = keep(await startTestGateway(control.url, settings))
  const engine = engines[0]
  if (!engine) throw new Error('no engine')
  return { engines, engine, control, gateway }
}

const ask = { model: 'chat', messages: [{ role: 'user' as const, content: 'count to three' }] }
const clientOf = (gateway: TestGateway, key = TEST_KEY) =>
  new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 })

describe('the official openai client', () => {
  it('chats, streams, completes, embeds and lists models', async () => {
    const { gateway, engine } = await start()
    const client = clientOf(gateway)
    const chat = await client.chat.completions.create(ask)
    expect(chat.choices[0]?.message.content).toBe('one two three')
    const words: string[] = []
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true }))
      words.push(chunk.choices[0]?.delta.content ?? '?')
    expect(words).toEqual(['one', ' two', ' three'])
    await client.completions.create({ model: 'chat', prompt: 'count' })
    await client.embeddings.create({ model: 'chat', input: 'words', encoding_format: 'float' })
    expect(engine.requests.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/completions',
      '/v1/embeddings',
    ])
    expect(engine.requests.map(({ body }) => body.model)).toEqual(['served', 'served', 'served', 'served'])
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['chat'])
    expect((await client.models.retrieve('chat')).id).toBe('chat')
  })

  it('gets usage on a stream only when it asks for it', async () => {
    const { gateway } = await start()
    const stream = await clientOf(gateway).chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(3)
    const plain = await gateway.post('/v1/chat/completions', { ...ask, stream: true })
    expect(await plain.text()).not.toContain('usage')
  })

  it('raises on an answer that the replica breaks off', async () => {
    const { gateway, engine, control } = await start()
    engine.answerWith((_, response) => {
      beginStream(response)
      response.write(event(contentChunk('one')), () => response.destroy())
    })
    const stream = await clientOf(gateway).chat.completions.create({ ...ask, stream: true })
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toThrow('broke off the answer')
    expect((await control.usageOf(1))[0]).toMatchObject({ status: 502, streamed: true, completion_tokens: null })
  })
})

describe('what a replica gets', () => {
  it('is the client’s body byte for byte but for the model’s name, and never the key', async () => {
    const { gateway, engine } = await start()
    const body = '{ "seed": 12345678901234567890, "model" : "chat", "temperature":1.0,"messages":[ ] }'
    await gateway.post('/v1/chat/completions', body, { headers: { cookie: 'a=b', 'x-request-id': 'mine-1' } })
    const { text, headers } = engine.requests[0] ?? { text: '', headers: {} as Record<string, string> }
    expect(text).toBe(body.replace('"chat"', '"served"'))
    expect(headers.authorization).toBeUndefined()
    expect(headers.cookie).toBeUndefined()
    expect(headers['x-request-id']).toBe('mine-1')
  })

  it('goes below the path prefix of its address', async () => {
    const { gateway, engine, control } = await start()
    await control.applied(control.publish([route('chat', [upstream('chat.p', `${engine.url}/replicas/r0/`)])]))
    await gateway.post('/v1/chat/completions', ask)
    expect(engine.requests[0]?.path).toBe('/replicas/r0/v1/chat/completions')
  })

  it('is cut off as soon as the client leaves, and the request is recorded', async () => {
    const { gateway, engine, control } = await start()
    engine.answerWith((_, response) => {
      beginStream(response)
      response.write(event(contentChunk('one')))
    })
    const leave = new AbortController()
    const response = await gateway.post('/v1/chat/completions', { ...ask, stream: true }, { signal: leave.signal })
    await response.body?.getReader().read()
    leave.abort()
    await engine.aborted(1)
    expect((await control.usageOf(1))[0]).toMatchObject({ status: 499, streamed: true, upstream_id: 'chat.0' })
  })

  it('is cut off when the client leaves before the answer begins', async () => {
    const { gateway, engine, control } = await start()
    const arrived = Promise.withResolvers<void>()
    engine.answerWith(() => arrived.resolve())
    const leave = new AbortController()
    const response = gateway.post('/v1/chat/completions', ask, { signal: leave.signal })
    await arrived.promise
    leave.abort()
    await expect(response).rejects.toThrow()
    await engine.aborted(1)
    expect((await control.usageOf(1))[0]).toMatchObject({ status: 499, ttft_ms: null })
  })
})

describe('streams', () => {
  it('pass each event on when it comes, not at the end', async () => {
    const { gateway, engine } = await start()
    const goOn = Promise.withResolvers<void>()
    engine.answerWith(async (request, response) => {
      beginStream(response)
      response.write(event(contentChunk('one')))
      await goOn.promise
      response.write(event(contentChunk(' two')))
      endStream(request, response)
    })
    const response = await gateway.post('/v1/chat/completions', { ...ask, stream: true })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toContain('one')
    goOn.resolve()
    let rest = ''
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) rest += part.value
    expect(rest).toContain('two')
    expect(rest).toMatch(/data: \[DONE\]\n\n$/)
  })

  it('slow the replica down when the client reads slowly', async () => {
    const { gateway, engine } = await start()
    const filler = event(contentChunk('x'.repeat(64 * 1024)))
    const total = 64 * 2 ** 20
    let sent = 0
    let stalled = Promise.withResolvers<void>()
    engine.answerWith(async (request, response) => {
      beginStream(response)
      while (sent < total) {
        sent += filler.length
        if (response.write(filler)) continue
        stalled.resolve()
        await new Promise((resolve) => response.once('drain', resolve))
      }
      endStream(request, response)
    })
    const response = await gateway.post('/v1/chat/completions', { ...ask, stream: true })
    await stalled.promise
    expect(sent).toBeLessThan(total / 2)
    stalled = Promise.withResolvers()
    let received = 0
    for await (const chunk of response.body ?? []) received += chunk.length
    expect(received).toBeGreaterThanOrEqual(total)
  })

  it('cut off a client that stops reading', async () => {
    const { gateway, engine, control } = await start(1, { clientStallTimeoutMs: 50 })
    const filler = event(contentChunk('x'.repeat(64 * 1024)))
    engine.answerWith(async (_, response) => {
      beginStream(response)
      const closed = once(response, 'close')
      while (!response.destroyed) {
        if (!response.write(filler)) await Promise.race([once(response, 'drain'), closed])
      }
    })
    await gateway.post('/v1/chat/completions', { ...ask, stream: true })
    await engine.aborted(1)
    expect((await control.usageOf(1))[0]?.status).toBe(499)
  })
})

describe('refusals', () => {
  const errorOf = async (response: Response) => {
    const { error } = (await response.json()) as {
      error: { message: string; type: string; code: string; param: string }
    }
    return { status: response.status, ...error }
  }

  it('401 without a key, with an unknown one, and after the next sync with a revoked one', async () => {
    const { gateway, control, engine } = await start()
    const without = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: '{}' })
    expect(await errorOf(without)).toMatchObject({
      status: 401,
      code: 'missing_api_key',
      type: 'invalid_request_error',
    })
    await expect(clientOf(gateway, 'bud-sk-other').models.list()).rejects.toThrow(OpenAI.AuthenticationError)
    expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(200)
    const version = control.publish([route('chat', [upstream('chat.0', engine.url)])], [])
    await control.applied(version)
    expect(await errorOf(await gateway.post('/v1/chat/completions', ask))).toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    })
  })

  it('404 for a model of nobody, or of another project, naming what is served', async () => {
    const { gateway, control, engine } = await start()
    const version = control.publish([
      route('chat', [upstream('chat.0', engine.url)]),
      route('theirs', [upstream('theirs.0', engine.url)], 'project-2'),
    ])
    await control.applied(version)
    const error = await errorOf(await gateway.post('/v1/chat/completions', { ...ask, model: 'theirs' }))
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
    expect(error.message).toContain('Served: "chat".')
    expect((await clientOf(gateway).models.list()).data.map(({ id }) => id)).toEqual(['chat'])
  })

  it('404 for a path that is not served', async () => {
    const { gateway } = await start()
    expect(await errorOf(await gateway.post('/v1/audio/speech', {}))).toMatchObject({
      status: 404,
      code: 'unknown_url',
    })
  })

  it.each([
    ['', 'invalid_json'],
    ['{"model": "chat"', 'invalid_json'],
    ['[1]', 'invalid_json'],
    ['{"model": chat}', 'invalid_json'],
    ['{"messages": []}', 'missing_model'],
    ['{"model": 7}', 'missing_model'],
  ])('400 for the body %s', async (body, code) => {
    const { gateway } = await start()
    expect(await errorOf(await gateway.post('/v1/chat/completions', body))).toMatchObject({ status: 400, code })
  })

  it('413 above the limit, and the gateway goes on', async () => {
    const { gateway } = await start(1, { bodyLimitBytes: 2 ** 20 })
    const large = await gateway.post('/v1/chat/completions', { ...ask, filler: 'x'.repeat(2 ** 20) })
    expect(await errorOf(large)).toMatchObject({ status: 413, code: 'request_too_large' })
    expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(200)
  })

  it('415 for a compressed body', async () => {
    const { gateway } = await start()
    const response = await gateway.post('/v1/chat/completions', ask, { headers: { 'content-encoding': 'gzip' } })
    expect(response.status).toBe(415)
  })

  it('429 above the requests that may be in flight', async () => {
    const { gateway, engine } = await start(1, { maxInFlight: 1 })
    const arrived = Promise.withResolvers<() => void>()
    engine.answerWith((request, response) => arrived.resolve(() => answer(request, response)))
    const first = gateway.post('/v1/chat/completions', ask)
    const finish = await arrived.promise
    expect(await errorOf(await gateway.post('/v1/chat/completions', ask))).toMatchObject({
      status: 429,
      code: 'gateway_busy',
    })
    finish()
    expect((await first).status).toBe(200)
  })

  it('502 when no replica can be reached, recorded as such', async () => {
    const { gateway, engine, control } = await start()
    await engine.close()
    expect(await errorOf(await gateway.post('/v1/chat/completions', ask))).toMatchObject({
      status: 502,
      code: 'upstream_unreachable',
      type: 'server_error',
    })
    expect((await control.usageOf(1))[0]).toMatchObject({ status: 502, endpoint_id: 'ep-chat' })
  })

  it('503 for a route without replicas', async () => {
    const { gateway, control } = await start()
    await control.applied(control.publish([route('chat', [])]))
    expect(await errorOf(await gateway.post('/v1/chat/completions', ask))).toMatchObject({
      status: 503,
      code: 'no_replicas',
    })
  })

  it('504 when a replica sends nothing in time', async () => {
    const { gateway, engine } = await start(1, { responseTimeoutMs: 50 })
    engine.answerWith(() => undefined)
    expect(await errorOf(await gateway.post('/v1/chat/completions', ask))).toMatchObject({
      status: 504,
      code: 'upstream_timeout',
    })
    await engine.aborted(1)
  })

  it('passes an engine’s own refusals through, usage unread', async () => {
    const { gateway, engine, control } = await start()
    engine.answerWith((_, response) =>
      sendJson(response, { error: { message: 'too long', usage: { prompt_tokens: 1 } } }, 400),
    )
    expect(await errorOf(await gateway.post('/v1/chat/completions', ask))).toMatchObject({
      status: 400,
      message: 'too long',
    })
    expect((await control.usageOf(1))[0]).toMatchObject({ status: 400, prompt_tokens: null })
  })
})

describe('failing over', () => {
  it('tries another replica when one refuses the connection, and leaves it alone for a while', async () => {
    const { gateway, engines } = await start(2)
    await engines[0]?.close()
    for (let i = 0; i < 20; i++) expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(200)
    expect(engines[1]?.requests).toHaveLength(20)
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    const failures = Number(/bud_gateway_upstream_errors_total\{kind="connect"\} (\d+)/.exec(metrics)?.[1] ?? 0)
    expect(failures).toBeLessThanOrEqual(2)
  })

  it('tries another replica when one answers 503, and passes the 503 on when there is no other', async () => {
    const { gateway, engines } = await start(2)
    for (const engine of engines)
      engine.answerWith((_, response) => sendJson(response, { error: { message: 'asleep' } }, 503))
    expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(503)
    engines[1]?.answerWith(answer)
    for (let i = 0; i < 10; i++) expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(200)
  })

  it('tries another replica when one dies before the first byte of a stream', async () => {
    const { gateway, engines } = await start(2)
    engines[0]?.answerWith((_, response) => {
      beginStream(response)
      response.destroy()
    })
    for (let i = 0; i < 6; i++) {
      const response = await gateway.post('/v1/chat/completions', { ...ask, stream: true })
      expect(await response.text()).toContain('[DONE]')
    }
  })

  it('survives a replica that closes idle connections as they are used', async () => {
    const { gateway, engine } = await start()
    let drop = true
    engine.answerWith((request, response) => {
      drop = !drop
      if (drop) response.socket?.destroy()
      else answer(request, response)
    })
    for (let i = 0; i < 10; i++) expect((await gateway.post('/v1/chat/completions', ask)).status).toBe(200)
  })
})

describe('browsers', () => {
  it('may call from the origins allowed, and from no other', async () => {
    const { gateway } = await start(1, { corsOrigins: ['http://dashboard.test'] })
    const preflight = (origin: string) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      })
    const allowed = await preflight('http://dashboard.test')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://dashboard.test')
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization')
    expect((await preflight('http://elsewhere.test')).headers.get('access-control-allow-origin')).toBeNull()
    const answered = await gateway.post('/v1/chat/completions', ask, { headers: { origin: 'http://dashboard.test' } })
    expect(answered.headers.get('access-control-allow-origin')).toBe('http://dashboard.test')
  })
})

describe('keys', () => {
  it('are known by their digest alone', async () => {
    const { gateway, control, engine } = await start()
    const keys = [{ id: 'key-2', sha256: sha256('bud-sk-second'), project_id: 'project-1' }]
    await control.applied(control.publish([route('chat', [upstream('chat.0', engine.url)])], keys))
    expect((await clientOf(gateway, 'bud-sk-second').chat.completions.create(ask)).usage?.total_tokens).toBe(10)
    expect((await control.usageOf(1))[0]).toMatchObject({ key_id: 'key-2', prompt_tokens: 7, completion_tokens: 3 })
  })
})
