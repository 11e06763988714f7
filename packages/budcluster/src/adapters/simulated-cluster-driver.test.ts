import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createId } from '@bud/kernel'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeClusterDriver } from '../testing/cluster-driver.contract.ts'
import { type EnginesimHost, startEnginesimHost } from '../testing/enginesim-host.ts'
import { describeModelStaging } from '../testing/model-staging.contract.ts'
import { FolderModelStaging } from './folder-model-staging.ts'
import { createSimulatedClusterDrivers } from './simulated-cluster-driver.ts'

let host: EnginesimHost
let folder: string
beforeAll(async () => {
  host = await startEnginesimHost()
  folder = await mkdtemp(join(tmpdir(), 'bud-cache-'))
})
afterAll(async () => {
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

const newCluster = () => ({
  id: createId('cluster'),
  spec: {
    kind: 'simulated' as const,
    nodes: ['l40s-1', 'l40s-2'].map((name) => ({ name, gpu_type: 'L40S-48GB', gpu_count: 4 })),
    startup_time_factor: 0.0005,
  },
})
const drivers = () => createSimulatedClusterDrivers({ host, dataDir: folder })

/** One process for the whole suite: each test leaves it empty. */
const shared = newCluster()
describeClusterDriver('simulated', async () => {
  const driver = drivers().driverFor(shared)
  return {
    driver,
    gpu_type: 'L40S-48GB',
    close: async () => {
      for (const { name } of await driver.releases.list()) await driver.releases.remove(name)
      const used = async () => (await driver.inventory.nodes()).flatMap(({ allocations }) => allocations)
      await expect.poll(used).toEqual([])
    },
  }
})

describeModelStaging('folder', async () => new FolderModelStaging(await mkdtemp(join(folder, 'cache-'))))

describe('simulated cluster', () => {
  it('finds its process again after it was killed, with what was asked of it', async () => {
    const cluster = newCluster()
    const { releases, inventory } = drivers().driverFor(cluster)
    expect(await inventory.nodes()).toHaveLength(2)
    await host.kill(cluster.id)
    expect(await releases.list()).toEqual([])
    expect(await inventory.nodes()).toMatchObject([{ name: 'l40s-1', ready: true }, { name: 'l40s-2' }])
    await host.kill(cluster.id)
  })

  it('says it is unavailable, which is worth another try, when its process cannot be reached', async () => {
    const elsewhere = createSimulatedClusterDrivers({
      host: { connect: async () => ({ url: 'http://127.0.0.1:9', token: '' }), disconnect: async () => {} },
      dataDir: folder,
    })
    await expect(elsewhere.driverFor(newCluster()).releases.list()).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    })
  })

  it('drops the cache of a cluster that is deleted', async () => {
    const cluster = newCluster()
    const all = drivers()
    const manifest = { digest: 'empty-model-digest', files: [] }
    await all.driverFor(cluster).staging.stage({ manifest, open: () => Promise.reject(), onProgress: () => {} })
    expect(await readdir(join(folder, 'clusters', cluster.id, 'cache'))).toEqual(['empty-model-digest'])
    await all.forget(cluster)
    await all.forget(cluster)
    expect(await readdir(join(folder, 'clusters', cluster.id))).toEqual([])
  })
})

describe('folder staging', () => {
  it('writes files under their content, and never outside it', async () => {
    const cache = await mkdtemp(join(folder, 'cache-'))
    const staging = new FolderModelStaging(cache)
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    const file = (path: string) => ({ path, bytes: 3, sha256 })
    const stage = (path: string) =>
      staging.stage({
        manifest: { digest: 'digest-1', files: [file(path)] },
        open: async () => Readable.from([Buffer.from('abc')]),
        onProgress: () => {},
      })
    await stage('sub/model.bin')
    expect(await readFile(join(cache, 'digest-1', 'sub', 'model.bin'), 'utf8')).toBe('abc')
    for (const path of ['../escaped', '/etc/passwd/../../x', '', 'a/../../b'])
      await expect(stage(path)).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await readdir(cache)).toEqual(['digest-1'])
  })
})
