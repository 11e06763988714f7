/** kill -9 at each step of each workflow, then restart: the work goes on or is undone, never doubled. */
import type { FoundryClient } from '@bud/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, type RunningFoundry, removeDataDir, startFoundry, temporaryDataDir } from '../foundry.ts'

const MODEL = 'meta-llama/Llama-3.1-8B-Instruct'
const deployment = (replicas: number, max_num_seqs = 64) => ({
  runtime: 'vllm' as const,
  config: { max_num_seqs },
  replicas,
  resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 },
})

describe('kill -9', () => {
  let dataDir: string
  let ports: { port: number; gatewayPort: number }
  let foundry: RunningFoundry
  let client: FoundryClient

  const start = async () => {
    foundry = await startFoundry({ dataDir, ...ports })
    client = await foundry.client()
  }
  beforeAll(async () => {
    dataDir = await temporaryDataDir()
    ports = { port: await freePort(), gatewayPort: await freePort() }
    await start()
  })
  afterAll(async () => {
    await foundry?.stop()
    await removeDataDir(dataDir)
  })

  const usedGpus = async () => {
    const { nodes } = await client.clusters.get({ id: 'demo' })
    return nodes.flatMap((node) => node.used_by).reduce((sum, user) => sum + user.gpus, 0)
  }

  const stepsOf = async (operationId: string) =>
    (await client.operations.get({ id: operationId })).steps.map((step) => step.name)

  /** Kills when `step` begins; false when the operation was over before that. */
  const killAtStep = async (operationId: string, step: string): Promise<boolean> => {
    for (;;) {
      const operation = await client.operations.get({ id: operationId })
      const state = operation.steps.find((candidate) => candidate.name === step)?.state
      if (operation.state !== 'running' && state === 'pending') return false
      if (state !== 'pending') {
        await foundry.kill()
        return true
      }
    }
  }

  const untilEnded = async (operationId: string) => {
    for (;;) {
      const operation = await client.operations.get({ id: operationId })
      if (operation.state !== 'running') return operation
      await new Promise((done) => setTimeout(done, 100))
    }
  }

  type Begin = () => Promise<{ id: string; operation_id: string }>

  /** For every step: begin, kill there, restart, wait, check. `between` brings things back to where `begin` can be called again. */
  const killAtEveryStep = async (
    begin: Begin,
    check: (step: string) => Promise<void>,
    between: () => Promise<void>,
  ) => {
    const rehearsal = await begin()
    const steps = await stepsOf(rehearsal.operation_id)
    expect((await untilEnded(rehearsal.operation_id)).state).toBe('succeeded')
    await check('none')
    await between()
    for (const step of steps) {
      const { operation_id } = await begin()
      const killed = await killAtStep(operation_id, step)
      if (killed) await start()
      const operation = await untilEnded(operation_id)
      expect(operation.state, `killed at ${step}: ${JSON.stringify(operation.reasons)}`).toBe('succeeded')
      await check(step)
      await between()
    }
  }

  const remove = async () => {
    const { operation_id } = await client.endpoints.delete({ id: 'kill' })
    expect((await untilEnded(operation_id)).state).toBe('succeeded')
    expect(await usedGpus()).toBe(0)
  }
  const create = (replicas = 1) =>
    client.endpoints.create({ name: 'kill', model: MODEL, cluster: 'demo', deployment: deployment(replicas) })
  const expectReady = async (replicas: number, label: string) => {
    const endpoint = await client.endpoints.get({ id: 'kill' })
    expect(endpoint.state.name, label).toBe('ready')
    expect(
      endpoint.replicas.filter((replica) => replica.phase === 'ready'),
      label,
    ).toHaveLength(replicas)
    expect(await usedGpus(), label).toBe(replicas)
  }

  it('in deploy: goes on, one endpoint, no GPU counted twice', async () => {
    await killAtEveryStep(
      () => create(),
      (step) => expectReady(1, step),
      remove,
    )
  })

  it('in scale: ends with the replicas asked for', async () => {
    await untilEnded((await create()).operation_id)
    const scale = (replicas: number) => client.endpoints.scale({ id: 'kill', replicas })
    await killAtEveryStep(
      () => scale(3),
      (step) => expectReady(3, `up, ${step}`),
      async () => {
        expect((await untilEnded((await scale(1)).operation_id)).state).toBe('succeeded')
      },
    )
    await untilEnded((await scale(3)).operation_id)
    await killAtEveryStep(
      () => scale(1),
      (step) => expectReady(1, `down, ${step}`),
      async () => {
        expect((await untilEnded((await scale(3)).operation_id)).state).toBe('succeeded')
      },
    )
    await remove()
  })

  it('in update: ends on the new revision with the replicas it had', async () => {
    await untilEnded((await create(2)).operation_id)
    let max = 64
    const update = () => client.endpoints.update({ id: 'kill', deployment: deployment(2, ++max) })
    await killAtEveryStep(
      update,
      async (step) => {
        await expectReady(2, step)
        expect((await client.endpoints.get({ id: 'kill' })).deployment.config.max_num_seqs).toBe(max)
      },
      async () => {},
    )
    await remove()
  })

  it('in delete: nothing stays behind', async () => {
    const gone = async (step: string) => {
      expect(
        (await client.endpoints.list()).map((endpoint) => endpoint.name),
        step,
      ).not.toContain('kill')
      expect(await usedGpus(), step).toBe(0)
    }
    await untilEnded((await create()).operation_id)
    await killAtEveryStep(
      () => client.endpoints.delete({ id: 'kill' }),
      gone,
      async () => {
        await untilEnded((await create()).operation_id)
      },
    )
    await remove()
  })
})
