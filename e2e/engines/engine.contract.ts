/** What the product counts on of every engine, read through @bud/engines: simulated and real ones pass the same. */
import { engineFacts, engineMetricFamilies, type MetricSeries } from '@bud/engines'
import OpenAI from 'openai'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { boundsOf, labelsOf, parseExposition, total } from './exposition.ts'
import {
  ask,
  chat,
  completion,
  framesOf,
  MAX_MODEL_LEN,
  MAX_NUM_SEQS,
  MODEL,
  objectsIn,
  post,
  type Target,
} from './target.ts'

export function engineContract(start: () => Promise<Target>): void {
  let target: Target
  const facts = () => engineFacts(target.engine, target.version)
  const metrics = async () => parseExposition((await ask(target, facts().metrics_path)).text)
  const figure = async (series: MetricSeries, suffix = '') => total(await metrics(), series.name + suffix, series.where)

  beforeAll(async () => {
    target = await start()
  })

  describe('paths', () => {
    it('answers its health path with an empty 200', async () => {
      expect(await ask(target, facts().health_path)).toMatchObject({ status: 200, text: '' })
    })

    it('lists the served model', async () => {
      const { json } = await ask(target, facts().models_path)
      expect(json?.object).toBe('list')
      expect(objectsIn(json, 'data')[0]).toMatchObject({ id: MODEL, object: 'model' })
    })

    it('says 404 to unknown paths and 405 to wrong methods, as FastAPI does', async () => {
      expect(await ask(target, '/nope')).toMatchObject({ status: 404, json: { detail: 'Not Found' } })
      const wrong = await ask(target, '/v1/chat/completions')
      expect(wrong).toMatchObject({ status: 405, json: { detail: 'Method Not Allowed' } })
      expect(wrong.headers.get('allow')).toBe('POST')
    })
  })

  describe('answers', () => {
    it('counts tokens and ends at the limit', async () => {
      for (const [path, body] of [
        ['/v1/chat/completions', chat()],
        ['/v1/completions', completion()],
      ] as const) {
        const { status, json, headers } = await post(target, path, body)
        const usage = json?.usage as Record<string, number>
        expect(status).toBe(200)
        expect(headers.get('content-type')).toBe('application/json')
        expect(objectsIn(json, 'choices')).toMatchObject([{ index: 0, finish_reason: 'length' }])
        expect(usage.completion_tokens).toBe(4)
        expect(usage.prompt_tokens).toBeGreaterThan(0)
        expect(usage.total_tokens).toBe((usage.prompt_tokens ?? 0) + 4)
      }
    })

    it('streams the role first, then text, one reason to end, and the end mark', async () => {
      const { headers, text } = await post(target, '/v1/chat/completions', chat({ stream: true }))
      const frames = framesOf(text)
      expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      expect(frames.at(-1)).toBe('[DONE]')
      const choices = frames.flatMap((frame) => (frame === '[DONE]' ? [] : objectsIn(frame, 'choices')))
      expect(choices[0]?.delta).toMatchObject({ role: 'assistant' })
      expect(choices.map(({ finish_reason }) => finish_reason).filter(Boolean)).toEqual(['length'])
      expect(choices.at(-1)?.finish_reason).toBe('length')
    })

    it('sends usage in a last frame without choices, only when asked', async () => {
      for (const [path, body] of [
        ['/v1/chat/completions', chat({ stream: true })],
        ['/v1/completions', completion({ stream: true })],
      ] as const) {
        const plain = framesOf((await post(target, path, body)).text)
        const asked = framesOf((await post(target, path, { ...body, stream_options: { include_usage: true } })).text)
        const usageOf = (frames: typeof plain) => frames.filter((frame) => frame !== '[DONE]' && Boolean(frame.usage))
        expect(usageOf(plain)).toEqual([])
        expect(usageOf(asked)).toMatchObject([{ choices: [], usage: { completion_tokens: 4 } }])
        expect(asked.at(-2)).toMatchObject({ choices: [] })
      }
    })

    it('serves the official client', async () => {
      const client = new OpenAI({ baseURL: `${target.baseUrl}/v1`, apiKey: 'none', maxRetries: 0 })
      const messages = [{ role: 'user' as const, content: 'Hello' }]
      const stream = await client.chat.completions.create({ model: MODEL, messages, max_tokens: 5, stream: true })
      const reasons: string[] = []
      for await (const { choices } of stream) if (choices[0]?.finish_reason) reasons.push(choices[0].finish_reason)
      expect(reasons.length).toBe(1)
      const whole = await client.chat.completions.create({ model: MODEL, messages, max_tokens: 5, n: 2 })
      expect(whole.choices.map(({ index }) => index)).toEqual([0, 1])
    })

    it('refuses malformed JSON and a prompt beyond the context with 400', async () => {
      expect((await post(target, '/v1/chat/completions', '{bad')).status).toBe(400)
      expect(
        (await post(target, '/v1/completions', completion({ prompt: Array(MAX_MODEL_LEN + 100).fill(5) }))).status,
      ).toBe(400)
    })
  })

  describe('metrics', () => {
    it('has every family of the table, with its type, labels and bounds', async () => {
      await post(target, '/v1/completions', completion())
      const families = await metrics()
      for (const { name, type, labels, buckets } of engineMetricFamilies(target.engine, MAX_MODEL_LEN)) {
        const family = families.get(name)
        expect(family?.type, name).toBe(type)
        if (family === undefined || family.samples.length === 0) continue
        expect(labelsOf(family), name).toEqual([...labels].sort())
        if (buckets !== undefined) {
          const bounds = boundsOf(family)
          expect(bounds.length, name).toBe(buckets.length)
          for (const [i, bound] of buckets.entries()) expect(bounds[i], name).toBeCloseTo(bound, 9)
        }
      }
    })

    it('moves the normalised figures by exactly what was asked', async () => {
      const { prompt_tokens, generation_tokens, finished_requests, ttft, e2e, itl } = facts().metrics
      const read = async () => ({
        prompt: await figure(prompt_tokens),
        generated: await figure(generation_tokens),
        finished: await figure(finished_requests),
        ttft: await figure(ttft, '_count'),
        e2e: await figure(e2e, '_count'),
        gaps: itl === null ? 0 : await figure(itl, '_count'),
      })
      const before = await read()
      const { json } = await post(target, '/v1/completions', completion({ max_tokens: 10 }))
      const promptTokens = Number((json?.usage as Record<string, unknown> | undefined)?.prompt_tokens)
      const expected = {
        prompt: before.prompt + promptTokens,
        generated: before.generated + 10,
        finished: before.finished + 1,
        ttft: before.ttft + 1,
        e2e: before.e2e + 1,
        gaps: before.gaps + (itl === null ? 0 : 9),
      }
      await vi.waitUntil(async () => (await read()).e2e === expected.e2e, { timeout: 10_000, interval: 50 })
      expect(await read()).toEqual(expected)
    })

    it('keeps requests waiting beyond the batch limit, and ends with none', async () => {
      const { running, waiting, kv_usage } = facts().metrics
      const all = Promise.all(
        Array.from({ length: 60 }, () => post(target, '/v1/completions', completion({ max_tokens: 160 }))),
      )
      let mostRunning = 0
      let usage = 0
      await vi.waitUntil(
        async () => {
          const now = await metrics()
          mostRunning = Math.max(mostRunning, total(now, running.name, running.where))
          usage = Math.max(usage, total(now, kv_usage.name, kv_usage.where))
          return total(now, waiting.name, waiting.where) > 0
        },
        { timeout: 30_000, interval: 5 },
      )
      expect((await all).every(({ status }) => status === 200)).toBe(true)
      expect(mostRunning).toBeLessThanOrEqual(MAX_NUM_SEQS)
      expect(usage).toBeLessThanOrEqual(1)
      await vi.waitUntil(async () => (await figure(running)) === 0, { timeout: 10_000, interval: 50 })
      expect(await figure(waiting)).toBe(0)
    })

    it('frees the slot when the client goes away, without counting the request as finished', async () => {
      const { running, finished_requests } = facts().metrics
      const before = await figure(finished_requests)
      const leaving = new AbortController()
      const response = await fetch(`${target.baseUrl}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(completion({ max_tokens: 480, stream: true })),
        signal: leaving.signal,
      })
      await response.body?.getReader().read()
      leaving.abort()
      await vi.waitUntil(async () => (await figure(running)) === 0, { timeout: 3000, interval: 20 })
      expect(await figure(finished_requests)).toBe(before)
    })
  })
}
