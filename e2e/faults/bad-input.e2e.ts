/** Bad input and bad surroundings get a clear error, and nothing is lost. */
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bud } from '../bud.ts'
import { freePort, type RunningFoundry, removeDataDir, startFoundry, temporaryDataDir } from '../foundry.ts'

describe('bad input', () => {
  let foundry: RunningFoundry
  let folder: string
  beforeAll(async () => {
    foundry = await startFoundry()
    folder = await mkdtemp(join(tmpdir(), 'bud-bad-'))
  })
  afterAll(async () => {
    await foundry?.stop()
    await removeDataDir(foundry.dataDir)
    await rm(folder, { recursive: true, force: true })
  })

  const post = async (path: string, body: string, type = 'application/json') => {
    const response = await fetch(`${foundry.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await foundry.token()}`, 'content-type': type },
      body,
    })
    return {
      status: response.status,
      body: (await response.json()) as {
        message: string
        data: { reasons: Array<{ path?: string; message: string }> }
      },
    }
  }

  it('malformed JSON is answered with 400 and the place', async () => {
    const { status, body } = await post('/endpoints', '{"name": ')
    expect(status).toBe(400)
    expect(body.message).toMatch(/JSON/)
  })

  it('every problem of a body is listed with its path', async () => {
    const deployment = {
      runtime: 'vlm',
      config: { tensor_parallel_size: 0, tensor_paralel: 2 },
      replicas: -1,
      resources: { gpu_type: 'H100-SXM-80GB' },
    }
    const { status, body } = await post('/endpoints', JSON.stringify({ model: 'x', cluster: 'demo', deployment }))
    expect(status).toBe(422)
    const paths = body.data.reasons.map((reason) => reason.path)
    for (const path of [
      'deployment.runtime',
      'deployment.config.tensor_parallel_size',
      'deployment.config.tensor_paralel',
      'deployment.replicas',
      'deployment.resources.gpu_count',
    ]) {
      expect(paths).toContain(path)
    }
  })

  it('every problem of a YAML document is listed with its path', async () => {
    const file = join(folder, 'bad.yaml')
    await writeFile(
      file,
      'deployment:\n  runtime: vlm\n  replicas: 0\n  resources:\n    gpu_type: H100-SXM-80GB\n    gpu_count: one\n',
    )
    const { code, stderr } = await bud(foundry, 'deploy', '-f', file, '--model', 'x', '--cluster', 'demo')
    expect(code).toBe(2)
    for (const path of ['runtime', 'replicas', 'gpu_count']) expect(stderr).toContain(path)
    await writeFile(file, 'deployment:\n  runtime: [vllm\n')
    const broken = await bud(foundry, 'deploy', '-f', file, '--model', 'x', '--cluster', 'demo')
    expect(broken.code).toBe(2)
    expect(broken.stderr).toMatch(/line/i)
  })

  it('unknown models, engines, GPUs and clusters are named, with the next step', async () => {
    const deployment = { runtime: 'vllm', replicas: 1, resources: { gpu_type: 'nvidia-h100-800gb', gpu_count: 1 } }
    const gpu = await post(
      '/endpoints',
      JSON.stringify({ model: 'meta-llama/Llama-3.1-8B', cluster: 'demo', deployment }),
    )
    expect(gpu.status).toBe(422)
    expect(JSON.stringify(gpu.body)).toMatch(/nvidia-h100-800gb/)
    const good = { ...deployment, resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 } }
    const model = await post(
      '/endpoints',
      JSON.stringify({ model: 'meta-llama/Lama-9', cluster: 'demo', deployment: good }),
    )
    expect(model.status).toBe(404)
    expect(model.body.message).toMatch(/meta-llama\/Lama-9/)
    const cluster = await post(
      '/endpoints',
      JSON.stringify({ model: 'meta-llama/Llama-3.1-8B', cluster: 'demmo', deployment: good }),
    )
    expect(cluster.status).toBe(404)
    expect(cluster.body.message).toMatch(/demmo/)
  })

  it('a model that does not fit is refused with the bytes', async () => {
    const deployment = { runtime: 'vllm', replicas: 1, resources: { gpu_type: 'L40S-48GB', gpu_count: 1 } }
    const { status, body } = await post(
      '/endpoints',
      JSON.stringify({ model: 'meta-llama/Llama-3.1-70B-Instruct', cluster: 'demo', deployment }),
    )
    expect(status).toBe(422)
    expect(JSON.stringify(body)).toMatch(/GB/)
  })

  it('a safetensors file cut short never becomes available', async () => {
    await bud(foundry, 'model', 'sample', join(folder, 'cut'))
    const weights = join(folder, 'cut', 'model.safetensors')
    await truncate(weights, (await readFile(weights)).length - 1000)
    const { code, stdout, stderr } = await bud(foundry, 'model', 'push', join(folder, 'cut'), '--name', 'cut')
    expect(code).not.toBe(0)
    expect(stdout + stderr).toMatch(/1,000 of [\d,]+ bytes are missing/)
    const model = await (await foundry.client()).models.get({ id: 'cut' })
    expect(model.state.name).not.toBe('available')
    const deploy = await post(
      '/endpoints',
      JSON.stringify({
        model: 'cut',
        cluster: 'demo',
        deployment: { runtime: 'vllm', resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 } },
      }),
    )
    expect(deploy.status).toBeGreaterThanOrEqual(409)
  })

  it('two deployments racing for the last GPUs: one gets them, the other is told who has them', async () => {
    const deployment = {
      runtime: 'vllm',
      config: { tensor_parallel_size: 8 },
      replicas: 1,
      resources: { gpu_type: 'L40S-48GB', gpu_count: 8 },
    }
    const request = (name: string) =>
      post('/endpoints', JSON.stringify({ name, model: 'meta-llama/Llama-3.1-8B', cluster: 'demo', deployment }))
    const answers = await Promise.all([request('race-a'), request('race-b')])
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409])
    const winner = answers[0]?.status === 202 ? 'race-a' : 'race-b'
    expect(JSON.stringify(answers.find((answer) => answer.status === 409)?.body)).toContain(winner)
  })

  it('a mistyped command suggests the right one', async () => {
    const { code, stderr } = await bud(foundry, 'modle', 'list')
    expect(code).toBe(2)
    expect(stderr).toMatch(/model/)
    expect((await bud(foundry, '--help')).code).toBe(0)
    expect((await bud({ url: `http://127.0.0.1:${await freePort()}`, dataDir: folder }, 'doctor')).code).toBe(3)
  })
})

describe('bad surroundings', () => {
  it('a port that is taken, a folder in use, and a folder of a newer version are said plainly', async () => {
    const dataDir = await temporaryDataDir()
    const foundry = await startFoundry({ dataDir })
    try {
      await expect(startFoundry({ dataDir, port: await freePort() })).rejects.toThrow(new RegExp(`${foundry.pid}`))
      await expect(startFoundry({ port: Number(new URL(foundry.url).port) })).rejects.toThrow(/taken|in use/i)
    } finally {
      await foundry.stop()
    }
    const format = join(dataDir, 'format.json')
    await writeFile(format, (await readFile(format, 'utf8')).replace(/\d+/, '999'))
    await expect(startFoundry({ dataDir })).rejects.toThrow(/newer/)
    await removeDataDir(dataDir)
  })

  it('settings that make no sense are listed all at once', async () => {
    const dataDir = await temporaryDataDir()
    await expect(startFoundry({ dataDir, port: 99_999, env: { BUD_LOG_LEVEL: 'loud' } })).rejects.toThrow(
      /--port[\s\S]*--log-level/,
    )
    await removeDataDir(dataDir)
  })
})
