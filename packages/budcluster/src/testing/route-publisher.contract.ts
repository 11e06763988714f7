/** What every RoutePublisher guarantees. `finish` ends the requests under way to an upstream. */
import type { Upstream } from '@bud/kernel'
import { beforeEach, describe, expect, it } from 'vitest'
import type { RoutePublisher } from '../ports.ts'

export interface RoutePublisherSubject {
  publisher: RoutePublisher
  /** A project nobody else uses. */
  project_id: string
  /** What a gateway would send traffic to now. */
  upstreams(endpointId: string): Promise<Upstream[]>
  /** From now on every gateway has applied the newest snapshot, with so many requests under way to this upstream. */
  setInFlight(upstreamId: string, count: number): Promise<void>
}

export function describeRoutePublisher(name: string, create: () => Promise<RoutePublisherSubject>): void {
  describe(`RoutePublisher: ${name}`, () => {
    let subject: RoutePublisherSubject
    beforeEach(async () => {
      subject = await create()
    })
    const upstream = (id: string, endpoint_id = 'ep-1'): Upstream => ({
      id,
      base_url: `http://127.0.0.1:9/replicas/${id}`,
      endpoint_id,
      model: 'chat',
    })
    const publish = (upstreams: Upstream[], endpoint_id = 'ep-1', route_name = 'chat') =>
      subject.publisher.publish({ project_id: subject.project_id, route_name, endpoint_id, upstreams })

    it("replaces an endpoint's upstreams and leaves those of others alone", async () => {
      await publish([upstream('a'), upstream('b')])
      await publish([upstream('x', 'ep-2')], 'ep-2', 'search')
      await publish([upstream('b'), upstream('c')])
      expect((await subject.upstreams('ep-1')).map(({ id }) => id)).toEqual(['b', 'c'])
      expect((await subject.upstreams('ep-2')).map(({ id }) => id)).toEqual(['x'])
    })

    it('is idempotent, and versions only grow', async () => {
      const first = await publish([upstream('a')])
      const again = await publish([upstream('a')])
      const other = await publish([upstream('a'), upstream('b')])
      expect(again.version).toBeGreaterThanOrEqual(first.version)
      expect(other.version).toBeGreaterThan(first.version)
      expect(await subject.upstreams('ep-1')).toHaveLength(2)
    })

    it('withdraws, also what was never published, also twice', async () => {
      await publish([upstream('a')])
      const { project_id } = subject
      await subject.publisher.withdraw({ project_id, endpoint_id: 'ep-1' })
      await subject.publisher.withdraw({ project_id, endpoint_id: 'ep-1' })
      await subject.publisher.withdraw({ project_id, endpoint_id: 'ep-unheard-of' })
      expect(await subject.upstreams('ep-1')).toEqual([])
    })

    it('says a replica is drained only when no request is under way to it', async () => {
      await publish([upstream('a'), upstream('b')])
      const { version } = await publish([upstream('a')])
      await subject.setInFlight('b', 2)
      const wait = () => subject.publisher.waitDrained({ upstream_ids: ['b'], version, timeout_ms: 50 })
      expect(await wait()).toEqual({ drained: false })
      await subject.setInFlight('b', 0)
      expect(await wait()).toEqual({ drained: true })
    })
  })
}
