import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Enginesim, startEnginesim } from './compose.ts'
import { demoNodes, gpus, kernels, type ReleaseWishes, releaseOf } from './testing/fixtures.ts'

const TOKEN = 'a-token-for-tests'
let enginesim: Enginesim
let stateDir: string

const startAgain = () =>
  startEnginesim({ nodes: demoNodes, gpus, kernels, stateDir, token: TOKEN, port: 0, startupTimeFactor: 0 })

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'enginesim-test-'))
  enginesim = await startAgain()
})
afterEach(() => enginesim.close())

const control = (path: string, init: RequestInit = {}) =>
  fetch(`${enginesim.url}/control${path}`, { ...init, headers: { authorization: `Bearer ${TOKEN}` } })

/** A release with one ready replica; its address. */
async function ready(wishes: ReleaseWishes = {}): Promise<string> {
  const release = releaseOf(wishes)
  await control(`/releases/${release.name}`, { method: 'PUT', body: JSON.stringify(release) })
  await until(() => enginesim.cluster.release(release.name).replicas.every(({ phase }) => phase === 'ready'))
  return enginesim.cluster.release(release.name).replicas[0]?.base_url ?? ''
}

/** Patient: the machine may be busy with something else. */
const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 15_000, interval: 20 })

const clientOf = (baseUrl: string) => new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'none', maxRetries: 0 })
const ask = { model: 'demo', messages: [{ role: 'user' as const, content: 'What is a GPU?' }] }

const fault = (body: object) => control('/releases/chat/fault', { method: 'PUT', body: JSON.stringify(body) })

async function metric(baseUrl: string, name: string, path = '/metrics'): Promise<number> {
  const text = await (await fetch(`${baseUrl}${path}`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`))
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}

describe.each(['vllm', 'sglang', 'tensorrt-llm'] as const)('a %s replica', (runtime) => {
  it('serves the official client, whole and streamed, with the same text and usage', async () => {
    const client = clientOf(await ready({ runtime }))
    const whole = await client.chat.completions.create({ ...ask, max_tokens: 25, seed: 4 })
    const stream = await client.chat.completions.create({
      ...ask,
      max_completion_tokens: 25,
      seed: 4,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let last: OpenAI.ChatCompletionChunk | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      last = chunk
    }
    expect(text).toBe(whole.choices[0]?.message.content)
    expect(text).toMatch(/^This is simulated text/)
    expect(whole.choices[0]?.finish_reason).toBe('length')
    expect(last?.usage).toMatchObject({ completion_tokens: 25, prompt_tokens: whole.usage?.prompt_tokens })
    expect((await client.models.list()).data[0]?.id).toBe('demo')
  })

  it('refuses a prompt longer than the context with 400', async () => {
    const client = clientOf(await ready({ runtime, config: { max_model_len: 64 } }))
    const long = { model: 'demo', prompt: 'word '.repeat(200), max_tokens: 5 }
    await expect(client.completions.create(long)).rejects.toMatchObject({ status: 400 })
  })
})

describe('a replica', () => {
  it('ends at a stop string, and by itself', async () => {
    const client = clientOf(await ready())
    const stopped = await client.chat.completions.create({ ...ask, stop: [' no model'] })
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', stop_reason: ' no model' })
    expect(stopped.choices[0]?.message.content).not.toContain('no model')
    const whole = await client.chat.completions.create(ask)
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', stop_reason: null })
  })

  it('answers several choices and several prompts', async () => {
    const client = clientOf(await ready())
    const answer = await client.completions.create({ model: 'demo', prompt: ['one', 'two'], n: 2, max_tokens: 4 })
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    expect(answer.usage?.completion_tokens).toBe(16)
  })

  it('frees the slot at once when the client goes away', async () => {
    const baseUrl = await ready()
    const leaving = new AbortController()
    const stream = await clientOf(baseUrl).completions.create(
      { model: 'demo', prompt: 'x', max_tokens: 4000, stream: true },
      {
        signal: leaving.signal,
        body: { model: 'demo', prompt: 'x', max_tokens: 4000, stream: true, ignore_eos: true },
      },
    )
    await stream[Symbol.asyncIterator]().next()
    expect(await metric(baseUrl, 'vllm:num_requests_running')).toBe(1)
    leaving.abort()
    await until(async () => (await metric(baseUrl, 'vllm:num_requests_running')) === 0)
    expect(await metric(baseUrl, 'vllm:kv_cache_usage_perc')).toBe(0)
  })

  it('queues more than a hundred requests under load, and serves them all', async () => {
    const baseUrl = await ready({ config: { max_num_seqs: 16 } })
    const client = clientOf(baseUrl)
    await fault({ slow_factor: 50 })
    const all = Promise.all(
      Array.from({ length: 160 }, () => client.chat.completions.create({ ...ask, max_tokens: 8 })),
    )
    await until(async () => (await metric(baseUrl, 'vllm:num_requests_running')) === 16)
    expect(await metric(baseUrl, 'vllm:num_requests_waiting')).toBeGreaterThan(100)
    await fault({})
    expect((await all).every(({ usage }) => usage?.completion_tokens === 8)).toBe(true)
    expect(await metric(baseUrl, 'vllm:num_requests_waiting')).toBe(0)
  })

  it('hangs with a green health check, answers 500 and breaks connections as the fault switches say', async () => {
    const baseUrl = await ready()
    const client = clientOf(baseUrl)
    await fault({ error_rate: 1 })
    await expect(client.chat.completions.create(ask)).rejects.toMatchObject({ status: 500 })
    await fault({ hang: true })
    const hanging = client.chat.completions.create({ ...ask, max_tokens: 3 })
    await until(async () => (await metric(baseUrl, 'vllm:num_requests_waiting')) === 1)
    expect((await fetch(`${baseUrl}/health`)).status).toBe(200)
    await fault({})
    expect((await hanging).usage?.completion_tokens).toBe(3)
    await fault({ hang: true })
    const broken = expect(client.chat.completions.create(ask)).rejects.toThrow(/Connection error/)
    await until(async () => (await metric(baseUrl, 'vllm:num_requests_waiting')) === 1)
    await fault({ crash: true })
    await broken
  })

  it('closes the connection where the engine does not listen', async () => {
    await expect(fetch(`${enginesim.url}/replicas/nobody/health`)).rejects.toThrow('fetch failed')
  })

  it('shows its GPUs as busy while it works', async () => {
    const baseUrl = await ready({ replicas: 1 })
    const body = JSON.stringify({ model: 'demo', prompt: 'x', max_tokens: 4000, ignore_eos: true })
    const leaving = new AbortController()
    const headers = { 'content-type': 'application/json' }
    fetch(`${baseUrl}/v1/completions`, { method: 'POST', headers, body, signal: leaving.signal }).catch(() => {})
    const use = async () => {
      const text = await (await fetch(`${enginesim.url}/nodes/h100-1/metrics`)).text()
      return Number(/DCGM_FI_DEV_GPU_UTIL\{gpu="0".*\} (\d+)/.exec(text)?.[1])
    }
    await until(async () => (await use()) > 15)
    leaving.abort()
  })
})

describe('the control interface', () => {
  it('is for who holds the token', async () => {
    expect((await fetch(`${enginesim.url}/control/nodes`)).status).toBe(401)
    expect((await control('/nodes')).status).toBe(200)
  })

  it('lists every problem of a malformed release with its path', async () => {
    const body = JSON.stringify({ ...releaseOf(), facts: {}, groups: [{}] })
    const response = await control('/releases/chat', { method: 'PUT', body })
    const { error } = (await response.json()) as { error: { reasons: { path: string }[] } }
    expect(response.status).toBe(400)
    expect(error.reasons.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['facts.layers', 'groups.0.deployment']),
    )
  })

  it('answers 404 for what is not there, 204 for deleting it, 400 for a name that is none', async () => {
    expect((await control('/releases/none')).status).toBe(404)
    expect((await control('/releases/none', { method: 'DELETE' })).status).toBe(204)
    expect((await control('/releases/..%2Fx')).status).toBe(400)
    expect((await control('/releases/chat', { method: 'PUT', body: '{' })).status).toBe(400)
  })

  it('keeps releases, addresses and readiness over a restart', async () => {
    const baseUrl = await ready()
    await enginesim.close()
    enginesim = await startAgain()
    const response = await control('/releases/chat')
    const { replicas } = (await response.json()) as { replicas: { phase: string; base_url: string }[] }
    expect(replicas).toMatchObject([{ phase: 'ready', base_url: baseUrl }])
    expect((await clientOf(baseUrl).models.list()).data.length).toBe(1)
  })

  it('returns the log of each replica', async () => {
    await ready()
    const lines = (await (await control('/releases/chat/logs?lines=5')).json()) as {
      replica_id: string
      line: string
    }[]
    expect(lines.at(-1)).toEqual({ replica_id: 'chat-r1-0', line: 'INFO:     Application startup complete.' })
  })
})
