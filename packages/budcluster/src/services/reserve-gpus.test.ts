import { createPlatform, type Platform } from '@bud/platform'
import { findPostgresPrograms, startPostgresServer } from '@bud/platform/testing/postgres-server'
import { randomSecretKey } from '@bud/platform/testing/random-secret-key'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BUDCLUSTER_MIGRATIONS } from '../index.ts'
import { createHarness, createMigratedPlatform, type Harness } from '../testing/harness.ts'
import { LLAMA_8B, llamaOn } from '../testing/llama-facts.ts'

let harness: Harness
const accept = (name: string, deployment = llamaOn('nvidia-a100-80gb', 4, 2)) =>
  harness.endpoints.create(harness.caller, { name, model: 'llama', cluster: 'demo', deployment })

/** In process every transaction waits for the one before; on a server only the lock of the cluster's row makes it so. */
function describeRaces(database: string, skip: boolean, open: () => Promise<Platform>): void {
  describe.skipIf(skip)(`deployments racing for the last GPUs on ${database}`, () => {
    let platform: Platform
    beforeAll(async () => {
      platform = await open()
    })
    afterAll(() => platform.close())
    beforeEach(async () => {
      harness = await createHarness(platform)
    })
    afterEach(() => harness.close())

    it('one gets them, the other is told who has them', async () => {
      const outcomes = await Promise.allSettled([accept('first'), accept('second')])
      const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const winner = outcomes[0]?.status === 'fulfilled' ? 'first' : 'second'
      expect(refused?.reason).toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(`in use by ${winner} (8 GPUs)`),
        reasons: [{ code: 'not-enough-gpus', evidence: expect.stringContaining('a100') }],
      })
      expect(await harness.gpusHeld()).toEqual({ [winner]: 8 })
      expect((await harness.endpoints.list(harness.caller)).map(({ name }) => name)).toEqual([winner])
    })

    it('never gives out more than there is, whoever asks', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 12 }, (_, number) => accept(`ep-${number}`, llamaOn('L40S-48GB', 1, 2))),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
      expect(Object.values(await harness.gpusHeld()).reduce((sum, gpus) => sum + gpus, 0)).toBe(8)
    })

    it('a scaling and a deployment race in the same way', async () => {
      await harness.deploy('chat', llamaOn('L40S-48GB', 1, 4))
      const outcomes = await Promise.allSettled([
        harness.endpoints.scale(harness.caller, 'chat', { replicas: 7 }),
        accept('other', llamaOn('L40S-48GB', 1, 3)),
      ])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    })

    it('two of the same name: one gets it', async () => {
      const outcomes = await Promise.allSettled([
        accept('chat', llamaOn('L40S-48GB')),
        accept('chat', llamaOn('H100-SXM-80GB')),
      ])
      const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused?.reason).toMatchObject({ code: 'conflict', reasons: [{ code: 'name-taken' }] })
    })
  })
}

describeRaces('PGlite', false, createMigratedPlatform)

const programs = findPostgresPrograms()
if (!programs) console.log('Skipped: no PostgreSQL in /usr/lib/postgresql (Debian: apt install postgresql).')
describeRaces('PostgreSQL', !programs, async () => {
  const server = await startPostgresServer(programs ?? '')
  const platform = await createPlatform(
    { databaseUrl: server.url, secretKey: randomSecretKey() },
    { logger: { info() {}, warn() {}, error() {} } },
  )
  await platform.migrate('budcluster', BUDCLUSTER_MIGRATIONS)
  return {
    ...platform,
    close: async () => {
      await platform.close()
      await server.stop()
    },
  }
})

describe('the ledger', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await createMigratedPlatform()
  })
  afterAll(() => platform.close())
  beforeEach(async () => {
    harness = await createHarness(platform)
  })
  afterEach(() => harness.close())
  it('counts what others run on the cluster', async () => {
    await harness.cluster.releases.apply({
      name: 'somebody-else',
      endpoint_id: '',
      served_model_name: 'x',
      facts: LLAMA_8B,
      groups: [{ revision: 1, replicas: 1, deployment: llamaOn('A100-SXM-80GB', 4) }],
    })
    await expect(accept('chat')).rejects.toMatchObject({ reasons: [{ code: 'not-enough-gpus' }] })
    expect((await harness.clusters.get(harness.caller, 'demo')).gpus).toContainEqual({
      gpu_type: 'A100-SXM-80GB',
      total: 8,
      free: 4,
      largest_free_on_a_node: 4,
    })
  })

  it('promises nobody the GPUs of replicas that the cluster put elsewhere than planned', async () => {
    const deployment = llamaOn('H100-SXM-80GB', 2, 2)
    const asked = { name: 'chat', model: 'llama', cluster: 'demo', deployment }
    const { operation_id } = await harness.endpoints.create(harness.caller, asked)
    harness.flowRuns.runOf(operation_id).crashAt('conclude', 'before')
    await harness.flowRuns.execute(operation_id)
    expect(harness.cluster.replicas().map(({ node }) => node)).toEqual(['h100-1', 'h100-1'])
    const { nodes } = await harness.clusters.get(harness.caller, 'demo')
    expect(nodes.slice(0, 2)).toMatchObject([
      { name: 'h100-1', gpus_free: 4 },
      { name: 'h100-2', gpus_free: 6 },
    ])
  })

  it('follows the nodes that the cluster really chose', async () => {
    await harness.deploy('chat', llamaOn('H100-SXM-80GB', 2, 2))
    const { nodes } = await harness.clusters.get(harness.caller, 'demo')
    const placed = harness.cluster.replicas().map(({ node }) => node)
    expect(placed).toEqual(['h100-1', 'h100-1'])
    expect(nodes.find(({ name }) => name === 'h100-1')).toMatchObject({
      gpus_free: 4,
      used_by: [{ endpoint_name: 'chat', gpus: 4 }],
    })
  })
})
