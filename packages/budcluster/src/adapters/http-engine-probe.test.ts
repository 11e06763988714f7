import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpEngineProbe } from './http-engine-probe.ts'

type Answers = Record<string, { status?: number; body: unknown } | undefined>

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** An engine that answers like this; a path that is not there gets no answer at all. */
async function engineThat(answers: Answers): Promise<string> {
  server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    if (!answer) return
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    response.writeHead(answer.status ?? 200).end(text)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const good: Answers = {
  '/health': { body: '' },
  '/v1/models': { body: { object: 'list', data: [{ id: 'chat' }] } },
  '/v1/chat/completions': { body: { choices: [{ message: { content: 'I am ready.' } }] } },
}
const check = async (change: Answers) =>
  createHttpEngineProbe({ timeout_ms: 200, completion_timeout_ms: 200 }).check({
    base_url: await engineThat({ ...good, ...change }),
    engine: 'vllm',
    engine_version: undefined,
    served_model_name: 'chat',
  })

describe('probe', () => {
  it('asks for health, the model and a real completion, and measures it', async () => {
    expect(await check({})).toEqual({ text_length: 11, latency_ms: expect.any(Number) })
  })

  it.each<[string, Answers, string]>([
    ['is not healthy', { '/health': { status: 503, body: 'dead' } }, 'The health check answered 503.'],
    ['serves another model', { '/v1/models': { body: { data: [{ id: 'x' }] } } }, 'The engine does not list "chat".'],
    ['fails to complete', { '/v1/chat/completions': { status: 500, body: 'boom' } }, 'A real completion answered 500.'],
    [
      'says nothing',
      { '/v1/chat/completions': { body: { choices: [{ message: { content: '' } }] } } },
      'The completion has no text.',
    ],
    [
      'is no OpenAI server',
      { '/v1/models': { body: '<html>' } },
      'The list of models is not what an OpenAI server answers.',
    ],
    ['hangs', { '/v1/chat/completions': undefined }, 'A real completion did not come within 0.2 s.'],
  ])('refuses an engine that %s, with what it said', async (_what, change, message) => {
    await expect(check(change)).rejects.toMatchObject({
      code: 'failed',
      retryable: false,
      reasons: [{ code: 'verification-failed', message, evidence: expect.any(String) }],
    })
  })

  it('is worth another try when nothing listens', async () => {
    const target = {
      base_url: 'http://127.0.0.1:9',
      engine: 'vllm',
      engine_version: undefined,
      served_model_name: 'x',
    } as const
    await expect(createHttpEngineProbe().check(target)).rejects.toMatchObject({ code: 'unavailable', retryable: true })
  })
})
