/** The registry over HTTP: hub and uploads to versions, aliases, policy and licences, as people meet them. */
import { loraAdapter, shardedLlama, shardedLlamaFiles } from '@bud/budmodel/testing/hub-models'
import { type HubServer, startHubServer } from '@bud/budmodel/testing/hub-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestFoundry, type TestFoundry } from '../testing/create-test-foundry.ts'

let foundry: TestFoundry
let hub: HubServer
beforeAll(async () => {
  foundry = await createTestFoundry()
  hub = await startHubServer([shardedLlama(), loraAdapter(), nonCommercial()], { 'hf_the-token': {} })
  await foundry.client.connections.create({
    kind: 'huggingface',
    name: 'mirror',
    endpoint: hub.url,
    token: 'hf_the-token',
  })
})
afterAll(async () => {
  await foundry.close()
  await hub.close()
})

function nonCommercial() {
  const card = '---\nlicense: cc-by-nc-4.0\n---\n\n# For study only\n'
  return { ...shardedLlama('example/nc-llama'), commits: [{ files: shardedLlamaFiles(card) }] }
}

const { client } = { client: () => foundry.client }
const ended = async (operation_id: string) => {
  await foundry.services.platform.flows.result(operation_id)
  return client().operations.get({ id: operation_id })
}
const register = async (name: string, source_path: string) => {
  const { operation_id } = await client().models.register({ name, source_path })
  return ended(operation_id)
}

async function upload(files: Record<string, string | Uint8Array>): Promise<string> {
  const { id, source_path } = await client().uploads.create()
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content)
    const { missing } = await client().uploads.beginFile({ id, path, bytes: bytes.length })
    for (const { url, offset, bytes: length } of missing) {
      const body = bytes.subarray(offset, offset + length)
      expect((await foundry.fetch(url, { method: 'PUT', body })).status).toBe(200)
    }
    await client().uploads.completeFile({ id, path })
  }
  return source_path
}

describe('a model from a hub', () => {
  test('is pinned, read, scanned and described from its own files', async () => {
    expect((await register('tiny-llama', 'hf://example/tiny-llama')).state).toBe('succeeded')
    const model = await client().models.get({ id: 'tiny-llama' })
    expect(model).toMatchObject({
      state: { name: 'available' },
      version: 1,
      source_path: 'hf://example/tiny-llama',
      pinned_source: `hf://example/tiny-llama@${hub.commitOf('example/tiny-llama')}`,
      licence: { id: 'Apache-2.0', class: 'permissive' },
      lineage: [{ name: 'example/tiny-base', model_id: null, source: 'model card' }],
      benchmarks: [{ source: 'model card', score: 25.1 }],
      scan: { verdict: 'clean', policy: expect.stringMatching(/^[0-9a-f]{12}$/) },
      fits: [{ cluster_name: 'demo', fits: true }],
    })
    expect(model.file_count).toBe(model.files.length)
  })

  test('an adapter takes over its base, is not deployed alone, and is listed as derived', async () => {
    expect((await register('tiny-lora', 'hf://example/tiny-llama-lora')).state).toBe('succeeded')
    const adapter = await client().models.get({ id: 'tiny-lora' })
    expect(adapter).toMatchObject({ kind: 'adapter', facts: null, lineage: [{ relation: 'adapter-of' }] })
    const checked = await client().endpoints.validate({
      model: 'tiny-lora',
      cluster: 'demo',
      deployment: { runtime: 'vllm', resources: { gpu_type: 'L40S-48GB', gpu_count: 1 } },
    })
    expect(checked.reasons.map(({ code }) => code)).toContain('model-facts-unknown')
  })

  test('whose licence forbids commerce may be tried in staging, not in production', async () => {
    await register('nc-llama', 'hf://example/nc-llama')
    const model = await client().models.get({ id: 'nc-llama' })
    expect(model.licence_verdicts.map(({ stage, action }) => [stage, action])).toEqual([
      ['staging', 'warn'],
      ['production', 'block'],
    ])
    const nodes = [{ gpu_type: 'L40S-48GB', gpu_count: 1, count: 1 }]
    await client().clusters.create({ name: 'prod', kind: 'simulated', stage: 'production', nodes })
    const ask = (cluster: string) =>
      client().endpoints.validate({
        model: 'nc-llama',
        cluster,
        deployment: { runtime: 'vllm', resources: { gpu_type: 'L40S-48GB', gpu_count: 1 } },
      })
    expect((await ask('prod')).reasons.map(({ code }) => code)).toContain('licence-blocked')
    const staging = await ask('demo')
    expect(staging.reasons).toEqual([])
    expect(staging.warnings.map(({ code }) => code)).toContain('licence-warning')
  })

  test('a token never shows in what the API answers', async () => {
    const shown = await foundry.fetch('/connections')
    expect(await shown.text()).not.toContain('hf_the-token')
    await expect(
      client().connections.create({ kind: 'huggingface', name: 'other', endpoint: hub.url, token: 'hf_wrong' }),
    ).rejects.toThrow(/mirror/)
  })

  test('a bucket is tried before it is kept', async () => {
    const closed = {
      kind: 's3' as const,
      name: 'far',
      bucket: 'models-far',
      endpoint: 'http://127.0.0.1:9',
      access_key_id: 'id',
      secret_access_key: 'very-secret',
    }
    const error = await client()
      .connections.create(closed)
      .catch((caught: Error) => caught)
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).not.toContain('very-secret')
    expect((await client().connections.list()).map(({ name }) => name)).toEqual(['mirror'])
  }, 60_000)
})

describe('versions', () => {
  test('are added, named, archived and deleted, and a bare name means the one in production', async () => {
    const { operation_id } = await client().models.addVersion({
      id: 'tiny-llama',
      source_path: 'hf://example/tiny-llama',
    })
    await ended(operation_id)
    expect((await client().models.get({ id: 'tiny-llama' })).version).toBe(2)
    await client().models.setAlias({ id: 'tiny-llama', alias: 'production', version: 1 })
    const shown = await client().models.get({ id: 'tiny-llama' })
    expect(shown).toMatchObject({ version: 1, aliases: ['production'], version_count: 2 })
    expect((await client().models.get({ id: 'tiny-llama@2' })).version).toBe(2)
    expect((await client().models.get({ id: 'tiny-llama@production' })).version).toBe(1)
    await expect(client().models.archive({ id: 'tiny-llama@1' })).rejects.toThrow(/production/)
    await expect(client().models.deleteVersion({ id: 'tiny-llama', version: 1 })).rejects.toThrow(/production/)
    expect((await client().models.archive({ id: 'tiny-llama@2' })).state.name).toBe('archived')
    await expect(client().models.setAlias({ id: 'tiny-llama', alias: 'staging', version: 2 })).rejects.toThrow(
      /only an available version/,
    )
    expect((await client().models.restore({ id: 'tiny-llama@2' })).state.name).toBe('available')
    await client().models.deleteVersion({ id: 'tiny-llama', version: 2 })
    expect((await client().models.get({ id: 'tiny-llama' })).versions.map(({ number }) => number)).toEqual([1])
    await expect(client().models.get({ id: 'tiny-llama@2' })).rejects.toThrow(/has @1 @production/)
  })

  test('are held by the endpoint that runs them, not by what the name means later', async () => {
    const deployment = { runtime: 'vllm' as const, resources: { gpu_type: 'L40S-48GB', gpu_count: 1 } }
    const accepted = await client().endpoints.create({ name: 'held', model: 'tiny-llama', cluster: 'demo', deployment })
    await expect(client().models.delete({ id: 'tiny-llama' })).rejects.toThrow(/used by "held"/)
    const { versions } = await client().models.get({ id: 'tiny-llama' })
    expect(versions).toMatchObject([{ number: 1, used_by: 1 }])
    expect((await client().endpoints.get({ id: accepted.id })).model.version_id).toBe(versions[0]?.id)
    await ended(accepted.operation_id)
    await ended((await client().endpoints.delete({ id: accepted.id })).operation_id)
  })
})

describe('the list', () => {
  test('is narrowed, counted and compared', async () => {
    const page = await client().models.list({ facets: true, origin: 'registered', licence_class: 'non-commercial' })
    expect(page.items.map(({ name }) => name)).toEqual(['nc-llama'])
    expect(page.facets?.licence_class).toEqual(
      expect.arrayContaining([
        { value: 'non-commercial', count: 1 },
        { value: 'permissive', count: expect.any(Number) },
      ]),
    )
    const fast = await client().models.list({ measured_gpu: 'H100', output_tok_s_per_gpu_min: 1000, limit: 5 })
    expect(fast.total).toBeGreaterThan(0)
    for (const { measured } of fast.items) expect(measured?.gpu).toMatch(/^H100/)
    const compared = await client().models.compare({ models: 'tiny-llama,meta-llama/Llama-3.1-8B-Instruct' })
    expect(compared.map(({ origin }) => origin)).toEqual(['registered', 'catalogue'])
    expect(compared[1]?.measured_figures.length).toBeGreaterThan(0)
  })

  test('takes scores, all of a file or none', async () => {
    const good = 'model,benchmark,score\ntiny-llama,MMLU,26.5\nmeta-llama/Llama-3.1-8B-Instruct,MMLU,68.4\n'
    expect(await client().models.importBenchmarks({ format: 'csv', content: good })).toEqual({ imported: 2, models: 2 })
    const found = await client().models.list({ benchmark: 'MMLU', score_min: 60 })
    expect(found.items.map(({ name }) => name)).toEqual(['meta-llama/Llama-3.1-8B-Instruct'])
    await expect(
      client().models.importBenchmarks({ format: 'csv', content: `${good}nobody,MMLU,1\n` }),
    ).rejects.toThrow(/nobody/)
  })
})

describe('the policy', () => {
  const script = { ...shardedLlamaFiles(), 'convert.py': 'print("hello")\n' }

  test('judges stored scans anew, and a waiver lets one finding through for a time', async () => {
    const files = Object.fromEntries(
      Object.entries(script).map(([path, content]) => [path, content as string | Uint8Array]),
    )
    await register('with-script', await upload(files))
    const stateOf = async () => (await client().models.get({ id: 'with-script' })).state.name
    expect(await stateOf()).toBe('available')
    const { text } = await client().modelPolicy.get()
    await client().modelPolicy.replace({ text: text.replace(/^rules: .*$/m, 'rules: { script: block }') })
    expect(await stateOf()).toBe('quarantined')
    const file = (await client().models.files({ id: 'with-script', search: 'convert' })).items[0]
    const expires = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
    const waived = await client().modelPolicy.waive({
      name: 'reviewed-convert',
      rule: 'script',
      model: 'with-script',
      path: 'convert.py',
      sha256: file?.sha256,
      reason: 'read line by line',
      expires,
    })
    expect(waived.waivers).toMatchObject([{ name: 'reviewed-convert', expires, expired: false }])
    const model = await client().models.get({ id: 'with-script' })
    expect(model.state.name).toBe('available')
    expect(model.scan?.findings).toContainEqual(
      expect.objectContaining({ rule: 'script', action: 'waived', waiver: 'reviewed-convert' }),
    )
    await client().modelPolicy.removeWaiver({ name: 'reviewed-convert' })
    expect(await stateOf()).toBe('quarantined')
    await client().modelPolicy.replace({ text })
    expect(await stateOf()).toBe('available')
  })

  test('is refused whole, with every problem and its place', async () => {
    const { text, digest } = await client().modelPolicy.get()
    const answer = await foundry.fetch('/model-policy', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: `${text}\nremot_code: allow\n` }),
    })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('Did you mean')
    expect((await client().modelPolicy.get()).digest).toBe(digest)
  })
})
