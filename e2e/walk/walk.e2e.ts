/** The guide's "New Model Deployment" on the running product, and what people type around it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bud } from '../bud.ts'
import { type RunningFoundry, removeDataDir, startFoundry } from '../foundry.ts'

const GUIDE_YAML = `deployment:
  runtime: vllm
  config:
    tensor_parallel_size: 4
    pipeline_parallel_size: 1
    max_model_len: 8192
    max_num_seqs: 256
    gpu_memory_utilization: 0.9
  replicas: 2
  resources:
    gpu_type: nvidia-a100-80gb
    gpu_count: 4
`

describe('the walk', () => {
  let foundry: RunningFoundry
  let folder: string

  beforeAll(async () => {
    foundry = await startFoundry()
    folder = await mkdtemp(join(tmpdir(), 'bud-walk-'))
    await writeFile(join(folder, 'guide.yaml'), GUIDE_YAML)
  })
  afterAll(async () => {
    await foundry?.stop()
    await removeDataDir(foundry.dataDir)
    await rm(folder, { recursive: true, force: true })
  })

  const inferenceKey = async () => (await (await foundry.client()).inferenceKeys.create({ name: 'walk' })).secret

  it('bud demo performs every step', async () => {
    const { code, stdout, stderr } = await bud(foundry, 'demo', '--json')
    const report = JSON.parse(stdout)
    expect(
      report.steps.filter((step: { ok: boolean }) => !step.ok),
      stderr,
    ).toEqual([])
    expect(report.steps.length).toBeGreaterThanOrEqual(10)
    expect(code).toBe(0)
  })

  it('the guide’s YAML deploys as it stands, and its curl scales as typed', async () => {
    const deployed = await bud(
      foundry,
      'deploy',
      '-f',
      join(folder, 'guide.yaml'),
      '--model',
      'meta-llama/Llama-2-13b-hf',
      '--cluster',
      'demo',
      '--name',
      'guide',
    )
    // The guide asks for a context of 8192 where Llama 2 has 4096: that must be said, not silently cut.
    expect(deployed.code).toBe(2)
    expect(deployed.stderr).toMatch(/4096/)

    const fits = await bud(
      foundry,
      'deploy',
      '-f',
      join(folder, 'guide.yaml'),
      '--model',
      'meta-llama/Llama-3.1-70B-Instruct',
      '--cluster',
      'demo',
      '--name',
      'guide',
    )
    expect(fits.stderr + fits.stdout).toMatch(/guide: ready/)
    expect(fits.code).toBe(0)

    const client = await foundry.client()
    const { id } = await client.endpoints.get({ id: 'guide' })
    // curl -X POST …/scale -d '{"replicas": 1}' says form-urlencoded by itself
    const scaled = await fetch(`${foundry.url}/endpoints/${id}/scale`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await foundry.token()}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: '{"replicas": 1}',
    })
    expect(scaled.status).toBe(202)
    const { operation_id } = (await scaled.json()) as { operation_id: string }
    await untilEnded(operation_id)
    expect((await client.endpoints.get({ id })).ready_replicas).toBe(1)

    const openai = new OpenAI({
      baseURL: (await client.endpoints.get({ id })).gateway_url,
      apiKey: await inferenceKey(),
    })
    const models = await openai.models.list()
    expect(models.data.map((model) => model.id)).toContain('guide')
    const completion = await openai.chat.completions.create({
      model: 'guide',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 16,
    })
    expect(completion.choices[0]?.message.content).toBeTruthy()
    expect(completion.usage?.completion_tokens).toBeGreaterThan(0)

    expect((await bud(foundry, 'endpoint', 'delete', 'guide')).code).toBe(0)
    expect((await client.clusters.get({ id: 'demo' })).gpus.every((gpu) => gpu.free === gpu.total)).toBe(true)
  })

  const untilEnded = async (operationId: string) => {
    const client = await foundry.client()
    for await (const operation of await client.operations.events({ id: operationId })) {
      if (operation.state === 'failed') throw new Error(JSON.stringify(operation.reasons))
    }
  }

  it('the guide’s registration body is accepted, its claims checked against the files', async () => {
    await bud(foundry, 'model', 'sample', join(folder, 'sample'))
    const pushed = await bud(foundry, 'model', 'push', join(folder, 'sample'), '--name', 'tiny')
    expect(pushed.stdout).toMatch(/available/)
    expect(pushed.code).toBe(0)

    const { cp } = await import('node:fs/promises')
    const bucket = join(foundry.dataDir, 'artifacts/s3/models/my-custom-model')
    await cp(join(folder, 'sample'), bucket, { recursive: true })
    const response = await fetch(`${foundry.url}/models`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await foundry.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'my-custom-model',
        architecture: 'llama',
        parameter_count: 7_000_000_000,
        context_length: 8192,
        source_path: 's3://models/my-custom-model',
      }),
    })
    expect(response.status).toBe(202)
    const accepted = (await response.json()) as { id: string; operation_id: string }
    await untilEnded(accepted.operation_id)
    const model = await (await foundry.client()).models.get({ id: 'my-custom-model' })
    expect(model.state.name).toBe('available')
    expect(model.conflicts.map((conflict) => conflict.field)).toContain('parameter_count')
    expect(model.facts?.parameter_count).toBeLessThan(5_000_000)
  })

  it('a model with files goes through a real transfer and answers', async () => {
    const yaml = GUIDE_YAML.replace('tensor_parallel_size: 4', 'tensor_parallel_size: 1')
      .replace('gpu_count: 4', 'gpu_count: 1')
      .replace('8192', '2048')
      .replace('replicas: 2', 'replicas: 1')
    await writeFile(join(folder, 'tiny.yaml'), yaml)
    const deployed = await bud(
      foundry,
      'deploy',
      '-f',
      join(folder, 'tiny.yaml'),
      '--model',
      'tiny',
      '--cluster',
      'demo',
      '--name',
      'tiny',
    )
    expect(deployed.stderr + deployed.stdout).toMatch(/✓ transfer/)
    const chat = await bud(foundry, 'chat', 'tiny', 'Hello there', '--max-tokens', '12')
    expect(chat.code).toBe(0)
    expect(chat.stdout).toMatch(/first token after/)
    const refused = await bud(foundry, 'model', 'delete', 'tiny')
    expect(refused.code).toBe(5)
    expect(refused.stderr).toMatch(/tiny/)
    await bud(foundry, 'endpoint', 'delete', 'tiny')
    expect((await bud(foundry, 'model', 'delete', 'tiny')).code).toBe(0)
  })

  it('nothing answers strangers but health and the sign-in page', async () => {
    const status = async (path: string) => (await fetch(`${foundry.url}${path}`, { redirect: 'manual' })).status
    expect(await status('/health')).toBe(200)
    expect(await status('/ui/sign-in')).toBe(200)
    for (const path of ['/models', '/endpoints', '/clusters', '/openapi.json', '/system', '/events', '/nothing'])
      expect(await status(path), path).toBe(401)
    for (const path of ['/ui/', '/ui/models', '/reference', '/']) expect(await status(path), path).toBe(302)
    expect((await fetch(`${foundry.url}/internal/gateway/sync`, { method: 'POST' })).status).toBe(401)
  })

  it('the sign-in link works once', async () => {
    const link = foundry.signInLink()
    if (!link) throw new Error(`No link in:\n${foundry.output()}`)
    const first = await fetch(link, { redirect: 'manual' })
    const cookie = first.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    expect(cookie).not.toBe('')
    const me = await fetch(`${foundry.url}/me`, { headers: { cookie } })
    expect(me.status).toBe(200)
    const foreign = await fetch(`${foundry.url}/inference-keys`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', origin: 'https://evil.example' },
      body: '{"name":"x"}',
    })
    expect(foreign.status).toBe(403)
    const second = await fetch(link, { redirect: 'manual' })
    expect(second.headers.getSetCookie().join('')).not.toMatch(/session/)
  })

  it('documents the whole API', async () => {
    const response = await fetch(`${foundry.url}/openapi.json`, {
      headers: { authorization: `Bearer ${await foundry.token()}` },
    })
    const document = (await response.json()) as { openapi: string; paths: Record<string, unknown> }
    expect(document.openapi).toMatch(/^3\.1/)
    for (const path of ['/models', '/optimizations', '/endpoints/{id}/scale', '/operations/{id}/events'])
      expect(Object.keys(document.paths)).toContain(path)
  })
})
