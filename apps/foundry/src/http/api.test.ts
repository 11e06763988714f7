/** What the API takes and how it answers, from the outside: a case for each status, bodies, files, long work. */
import { readdirSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { sql } from '@bud/platform/drizzle'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createTestFoundry, type TestFoundry } from '../testing/create-test-foundry.ts'

let foundry: TestFoundry
beforeAll(async () => {
  foundry = await createTestFoundry()
})
afterAll(() => foundry.close())

const MODEL = 'meta-llama/Llama-2-13b-hf'
/** The workflow guide's document, and beside it what it is for. */
const guideYaml = (name: string) => `name: ${name}
model: ${MODEL}
cluster: demo
deployment:
  runtime: vllm
  config:
    tensor_parallel_size: 4
    pipeline_parallel_size: 1
    max_model_len: 4096
    max_num_seqs: 256
    gpu_memory_utilization: 0.9
  replicas: 1
  resources:
    gpu_type: nvidia-a100-80gb
    gpu_count: 4
`

const send = (method: string, path: string, body: string, type = 'application/json', headers = {}) =>
  foundry.fetch(path, { method, body, headers: { 'content-type': type, ...headers } })
const post = (path: string, body: unknown, headers = {}) =>
  send('POST', path, JSON.stringify(body), 'application/json', headers)

interface ErrorBody {
  code: string
  status: number
  message: string
  data: { reasons: { code: string; message: string; path?: string }[] }
}
const errorOf = async (answer: Response): Promise<ErrorBody> => (await answer.json()) as ErrorBody

describe('a request that is wrong', () => {
  test('400: a body that does not parse, with what the parser says', async () => {
    const bodies = [
      ['{"name": ', 'application/json'],
      ['name: [unclosed', 'application/yaml'],
      ['replicas=4', 'application/x-www-form-urlencoded'],
    ] as const
    for (const [body, type] of bodies) {
      const answer = await send('POST', '/endpoints', body, type)
      expect(answer.status).toBe(400)
      const error = await errorOf(answer)
      expect(error).toMatchObject({ code: 'BAD_REQUEST', status: 400 })
      expect(error.message).toMatch(/^The body is not valid (JSON|YAML): ./)
    }
  })

  test('400: YAML that unfolds into more than it is', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]', 'c: [*b,*b,*b,*b,*b,*b,*b,*b,*b]']
    expect((await send('POST', '/endpoints', bomb.join('\n'), 'application/yaml')).status).toBe(400)
  })

  test('404: a thing that is not there, by its name, with where to look', async () => {
    for (const path of [
      '/models/no%2Fsuch',
      '/clusters/no-such',
      '/endpoints/no-such',
      '/operations/op-1',
      '/optimizations/opt-1',
    ]) {
      const answer = await foundry.fetch(path)
      expect([path, answer.status]).toEqual([path, 404])
      const { message } = await errorOf(answer)
      expect(message).toContain(decodeURIComponent(path.split('/').at(-1) ?? ''))
    }
  })

  test('404: a path that does not exist, 405: one that knows other methods', async () => {
    const nowhere = await foundry.fetch('/no/such/path?x=1')
    expect([nowhere.status, (await errorOf(nowhere)).message]).toEqual([
      404,
      'There is no GET /no/such/path. GET /openapi.json lists what there is.',
    ])
    const wrong = await foundry.fetch('/models/x', { method: 'PUT' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, PATCH, DELETE'])
  })

  test('409: what contradicts what is there', async () => {
    const demo = { name: 'demo', kind: 'simulated', nodes: [{ gpu_type: 'L40S-48GB', gpu_count: 1 }] }
    const answer = await post('/clusters', demo)
    expect([answer.status, (await errorOf(answer)).code]).toEqual([409, 'CONFLICT'])
  })

  test('413: a body that is too large, 415: one of a type nobody reads', async () => {
    const large = await post('/models', { name: 'x'.repeat(3 * 2 ** 20) })
    expect([large.status, (await errorOf(large)).code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    const xml = await send('POST', '/models', '<model/>', 'text/xml')
    expect([xml.status, (await errorOf(xml)).code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  test('422: every problem at once, each with its path; unknown fields one by one', async () => {
    const answer = await post('/endpoints', {
      name: 'chat',
      modle: 'llama',
      deployment: {
        runtime: 'llama.cpp',
        config: { tensor_parallel_size: 0, tp: 1, pp: 1 },
        replicas: 1.5,
        resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 },
      },
    })
    expect(answer.status).toBe(422)
    const { message, data } = await errorOf(answer)
    expect(data.reasons.map(({ path }) => path).sort()).toEqual([
      'deployment.config.pp',
      'deployment.config.tensor_parallel_size',
      'deployment.config.tp',
      'deployment.replicas',
      'deployment.runtime',
      'modle',
    ])
    expect(data.reasons.filter(({ code }) => code === 'unknown-field').map(({ path }) => path)).toHaveLength(3)
    for (const { path } of data.reasons) expect(message).toContain(path)
  })

  test('422: a query that is no number, a metric that does not exist', async () => {
    const query = await foundry.fetch('/operations?limit=many')
    expect([query.status, (await errorOf(query)).data.reasons[0]?.path]).toEqual([422, 'limit'])
    const metric = await send('PUT', '/endpoints/x/alert-rules/happiness', '{"for_s":1}')
    expect([metric.status, (await errorOf(metric)).data.reasons[0]?.path]).toEqual([422, 'metric'])
  })

  test('422: what parses but cannot work, with the reasons of the domain', async () => {
    const answer = await send(
      'POST',
      '/endpoints',
      guideYaml('odd').replace('gpu_count: 4', 'gpu_count: 3'),
      'text/yaml',
    )
    expect(answer.status).toBe(422)
    const { data } = await errorOf(answer)
    expect(data.reasons.length).toBeGreaterThan(0)
    expect(data.reasons[0]).toMatchObject({ code: expect.any(String), message: expect.any(String) })
  })

  test('500: a fault of ours says nothing of the inside', async () => {
    const { query } = foundry.services.platform.database
    await query.execute(sql`alter table platform.operations rename to operations_away`)
    const answer = await foundry.fetch('/operations')
    await query.execute(sql`alter table platform.operations_away rename to operations`)
    expect(answer.status).toBe(500)
    const text = await answer.text()
    expect(text).not.toMatch(/operations|relation|select|\.ts/i)
    expect((await foundry.fetch('/operations')).status).toBe(200)
  })
})

test('a usual load is one that can be asked for as it is', async () => {
  const presets = await foundry.client.optimizations.presets()
  expect(presets.map(({ name }) => name)).toEqual(['chat', 'rag', 'code-completion', 'summarising', 'batch'])
  const [{ workload }] = presets as [(typeof presets)[number]]
  const answer = await post('/optimizations', { model: MODEL, cluster: 'demo', workload })
  expect(answer.status).toBe(201)
})

describe('long work', () => {
  test('is begun by the guide’s YAML, followed as it goes, and scaled by the guide’s curl', async () => {
    const created = await send('POST', '/endpoints', guideYaml('guide'), 'application/yaml')
    expect(created.status).toBe(202)
    const { operation_id } = (await created.json()) as { operation_id: string }

    const states: string[] = []
    for await (const operation of await foundry.client.operations.events({ id: operation_id }))
      states.push(operation.state)
    expect(states.at(-1)).toBe('succeeded')
    expect(states.slice(0, -1).every((state) => state === 'running')).toBe(true)
    const ended: string[] = []
    for await (const operation of await foundry.client.operations.events({ id: operation_id }))
      ended.push(operation.state)
    expect(ended).toEqual(['succeeded'])

    // curl -X POST …/scale -d '{"replicas": 2}' says form-urlencoded
    const scaled = await send('POST', '/endpoints/guide/scale', '{"replicas": 2}', 'application/x-www-form-urlencoded')
    expect(scaled.status).toBe(202)
    const scaling = (await scaled.json()) as { operation_id: string }
    for await (const operation of await foundry.client.operations.events({ id: scaling.operation_id }))
      states.push(operation.state)
    expect(await foundry.client.endpoints.get({ id: 'guide' })).toMatchObject({
      state: { name: 'ready' },
      deployment: { replicas: 2 },
      ready_replicas: 2,
    })
  })

  test('that nobody knows has no events: 404', async () => {
    await expect(foundry.client.operations.events({ id: 'op-none' })).rejects.toMatchObject({ status: 404 })
  })

  test('shows in the project’s events', async () => {
    const stop = new AbortController()
    const events = await foundry.client.system.events(undefined, { signal: stop.signal })
    const first = events.next()
    await vi.waitFor(async () => {
      await foundry.client.clusters.update({ id: 'demo', stage: 'production' })
      expect(await Promise.race([first, Promise.resolve(undefined)])).toBeDefined()
    })
    expect((await first).value).toMatchObject({ type: 'cluster.changed' })
    stop.abort()
    await events.return?.()
  })
})

describe('a request with an Idempotency-Key', () => {
  const withKey = (key: string) => ({ 'idempotency-key': key })
  const cluster = (name: string) => ({ name, kind: 'simulated', nodes: [{ gpu_type: 'L40S-48GB', gpu_count: 1 }] })
  const namesOf = async () => (await foundry.client.clusters.list()).map(({ name }) => name)

  test('acts once, and is answered alike when it is sent again', async () => {
    const first = await post('/tokens', { name: 'once' }, withKey('token-1'))
    const second = await post('/tokens', { name: 'once' }, withKey('token-1'))
    expect([first.status, second.status]).toEqual([201, 201])
    expect(await second.json()).toEqual(await first.json())
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
    expect((await foundry.client.tokens.list()).filter(({ name }) => name === 'once')).toHaveLength(1)
  })

  test('that was used for another body is refused: 409', async () => {
    await post('/tokens', { name: 'mine' }, withKey('token-2'))
    const other = await post('/tokens', { name: 'theirs' }, withKey('token-2'))
    expect([other.status, (await errorOf(other)).message]).toEqual([
      409,
      'The Idempotency-Key "token-2" was used in the last 24 hours for a request with another body. Use a new key for a new request.',
    ])
  })

  test('acts once also when several come at the same time: one answer, or 409 while it is under way', async () => {
    const twins = await Promise.all(
      Array.from({ length: 6 }, () => post('/clusters', cluster('twin'), withKey('cluster-1'))),
    )
    const bodies = await Promise.all(twins.map(async (twin) => ({ status: twin.status, body: await twin.json() })))
    const made = bodies.filter(({ status }) => status === 201)
    expect(made.length).toBeGreaterThan(0)
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1)
    for (const { status, body } of bodies.filter((one) => !made.includes(one))) {
      expect(status).toBe(409)
      expect(body.message).toContain('still under way')
    }
    expect((await namesOf()).filter((name) => name === 'twin')).toHaveLength(1)
  })

  test('that was refused may be corrected and sent again: nothing had happened', async () => {
    expect((await post('/clusters', { ...cluster('fixed'), nodes: [] }, withKey('cluster-2'))).status).toBe(422)
    expect((await post('/clusters', cluster('demo'), withKey('cluster-2'))).status).toBe(409)
    expect((await post('/clusters', cluster('fixed'), withKey('cluster-2'))).status).toBe(201)
    expect(await namesOf()).toContain('fixed')
  })

  test('gets the answer that its sender did not wait for', async () => {
    const search = { model: MODEL, cluster: 'demo', workload: { concurrency: 7 } }
    const sent = httpRequest(new URL('/optimizations', foundry.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${foundry.token}`, 'content-type': 'application/json', ...withKey('search-1') },
    })
    sent.on('error', () => {})
    sent.end(JSON.stringify(search), () => sent.destroy())
    const made = await vi.waitFor(
      async () => {
        const again = await post('/optimizations', search, withKey('search-1'))
        expect(again.status).toBe(201)
        return (await again.json()) as { id: string }
      },
      { timeout: 10_000 },
    )
    const searches = await foundry.client.optimizations.list({})
    expect(searches.filter(({ workload }) => workload.concurrency === 7).map(({ id }) => id)).toEqual([made.id])
  })

  test('that is no key is refused, and a GET does not care', async () => {
    expect((await post('/tokens', { name: 'x' }, withKey('two words'))).status).toBe(422)
    expect((await post('/tokens', { name: 'x' }, withKey('k'.repeat(256)))).status).toBe(422)
    expect((await foundry.fetch('/me', { headers: withKey('two words') })).status).toBe(200)
  })
})

describe('an upload', () => {
  const open = () => foundry.client.uploads.create()
  const put = (id: string, path: string, body: string) =>
    foundry.fetch(`/uploads/${id}/files/${path}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/octet-stream' },
    })

  test('takes bytes of any type, in folders, and says what it got', async () => {
    const { id } = await open()
    expect(await (await put(id, 'a%20b/config.json', '{"broken')).json()).toMatchObject({ bytes: 8 })
    const typed = await foundry.fetch(`/uploads/${id}/files/x.json`, {
      method: 'PUT',
      body: '{"broken',
      headers: { 'content-type': 'application/json' },
    })
    expect([typed.status, await typed.json()]).toMatchObject([200, { bytes: 8 }])
    expect((await put(id, 'empty', '')).status).toBe(200)
  })

  test('keeps inside its folder', async () => {
    const { id } = await open()
    for (const path of ['..%2F..%2Fescape', '%2Fetc%2Fescape', 'a%2F..%2F..%2Fescape', 'a%00b', 'a%5Cb']) {
      const answer = await put(id, path, 'x')
      expect([path, answer.status]).toEqual([path, 422])
    }
    expect(filesUnder(foundry.dataDir).filter(({ name }) => name.includes('escape'))).toEqual([])
  })

  test('that was never opened is not found', async () => {
    expect((await put('upload-none', 'a', 'x')).status).toBe(404)
  })

  test('goes to disk while it comes, and not through memory', async () => {
    const { id } = await open()
    const half = Buffer.alloc(4 * 2 ** 20, 7)
    const before = bytesUnder(foundry.dataDir)
    const upload = httpRequest(new URL(`/uploads/${id}/files/weights.bin`, foundry.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${foundry.token}`, 'content-length': 2 * half.length },
    })
    const answered = new Promise<number | undefined>((resolve, reject) => {
      upload.once('response', (response) => resolve(response.resume().statusCode))
      upload.once('error', reject)
    })
    upload.write(half)
    // The second half is not sent before the first lies there.
    await vi.waitFor(() => expect(bytesUnder(foundry.dataDir) - before).toBeGreaterThan(2 ** 20), { timeout: 10_000 })
    upload.end(half)
    expect(await answered).toBe(200)
  })
})

function filesUnder(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, bytes: statSync(join(entry.parentPath, entry.name)).size }))
}

const bytesUnder = (folder: string): number =>
  filesUnder(join(folder, 'artifacts')).reduce((sum, file) => sum + file.bytes, 0)
