/** What every cluster driver guarantees about inventory, releases and logs. Simulated, local and kubernetes run it. */
import { Deployment } from '@bud/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Release, ReleaseStatus } from '../domain/release.ts'
import type { ClusterDriver } from '../ports.ts'
import { LLAMA_8B } from './llama-facts.ts'

export interface ClusterDriverSubject {
  driver: ClusterDriver
  /** A GPU type of which two nodes have at least two each. */
  gpu_type: string
  close(): Promise<void>
}

const POLL_MS = 20

export function describeClusterDriver(name: string, create: () => Promise<ClusterDriverSubject>): void {
  describe(`ClusterDriver: ${name}`, () => {
    let subject: ClusterDriverSubject
    beforeEach(async () => {
      subject = await create()
    })
    afterEach(() => subject.close())

    const deployment = () =>
      Deployment.parse({ runtime: 'vllm', resources: { gpu_type: subject.gpu_type, gpu_count: 1 } })
    const release = (...groups: [revision: number, replicas: number][]): Release => ({
      name: 'chat-000001',
      endpoint_id: 'ep-00000000000000000000000001',
      served_model_name: 'chat',
      facts: LLAMA_8B,
      groups: groups.map(([revision, replicas]) => ({ revision, replicas, deployment: deployment() })),
    })
    /** Polls until the release looks like this: other processes tell the time here. */
    const until = async (looks: (status: ReleaseStatus | undefined) => boolean): Promise<ReleaseStatus | undefined> => {
      for (;;) {
        const status = await subject.driver.releases.status('chat-000001')
        if (looks(status)) return status
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    }
    const ready = (...ids: string[]) =>
      until(
        (status) =>
          JSON.stringify(
            status?.replicas
              .filter(({ phase }) => phase === 'ready')
              .map(({ id }) => id)
              .sort(),
          ) === JSON.stringify(ids),
      )
    const usedGpus = async () =>
      (await subject.driver.inventory.nodes()).flatMap(({ allocations }) => allocations).length

    it('runs what is applied, under names that say revision and ordinal, on GPUs that the inventory shows', async () => {
      await subject.driver.releases.apply(release([1, 2]))
      const status = await ready('chat-000001-r1-0', 'chat-000001-r1-1')
      expect(status).toMatchObject({ name: 'chat-000001', endpoint_id: 'ep-00000000000000000000000001' })
      const nodes = await subject.driver.inventory.nodes()
      for (const { node, gpus } of status?.replicas ?? [])
        for (const gpu of gpus)
          expect(nodes.find(({ name: known }) => known === node)?.allocations).toContainEqual({
            gpu,
            release: 'chat-000001',
          })
      expect(await usedGpus()).toBe(2)
      expect(await subject.driver.releases.list()).toHaveLength(1)
    })

    it('changes nothing when the same is applied again', async () => {
      await subject.driver.releases.apply(release([1, 1]))
      const before = await ready('chat-000001-r1-0')
      await subject.driver.releases.apply(release([1, 1]))
      expect(await subject.driver.releases.status('chat-000001')).toEqual(before)
    })

    it('removes the highest ordinals first', async () => {
      await subject.driver.releases.apply(release([1, 3]))
      await ready('chat-000001-r1-0', 'chat-000001-r1-1', 'chat-000001-r1-2')
      await subject.driver.releases.apply(release([1, 1]))
      await until((status) => status?.replicas.length === 1)
      await ready('chat-000001-r1-0')
      expect(await usedGpus()).toBe(1)
    })

    it('runs two revisions side by side', async () => {
      await subject.driver.releases.apply(release([1, 1], [2, 1]))
      await ready('chat-000001-r1-0', 'chat-000001-r2-0')
    })

    it('serves the OpenAI API at a ready replica’s base URL', async () => {
      await subject.driver.releases.apply(release([1, 1]))
      const status = await ready('chat-000001-r1-0')
      const response = await fetch(`${status?.replicas[0]?.base_url}/v1/models`)
      expect(await response.json()).toMatchObject({ data: [{ id: 'chat' }] })
    })

    it('says why a replica finds no place', async () => {
      const tooMany = release([1, 40])
      await subject.driver.releases.apply(tooMany)
      const status = await until((seen) => seen?.replicas.some(({ phase }) => phase === 'unschedulable') === true)
      expect(status?.replicas.find(({ phase }) => phase === 'unschedulable')).toMatchObject({
        node: null,
        message: expect.stringContaining('nodes are available'),
      })
    })

    it('removes a release, frees its GPUs, and is content when there is none', async () => {
      await subject.driver.releases.apply(release([1, 2]))
      await ready('chat-000001-r1-0', 'chat-000001-r1-1')
      await subject.driver.releases.remove('chat-000001')
      await subject.driver.releases.remove('chat-000001')
      await until((status) => status === undefined)
      while ((await usedGpus()) > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      expect(await subject.driver.releases.list()).toEqual([])
    })

    it('shows the last log lines of each replica, and none of a release that is not there', async () => {
      await subject.driver.releases.apply(release([1, 1]))
      await ready('chat-000001-r1-0')
      const lines = await subject.driver.logs.tail('chat-000001', 1)
      expect(lines).toEqual([{ replica_id: 'chat-000001-r1-0', line: expect.any(String) }])
      expect(await subject.driver.logs.tail('no-such-release', 10)).toEqual([])
    })
  })
}
