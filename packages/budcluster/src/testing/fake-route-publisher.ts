/** Routes in memory with one gateway that applies every snapshot at once; tests say which upstreams are busy. */
import type { Upstream } from '@bud/kernel'
import type { RoutePublisher } from '../ports.ts'

export class FakeRoutePublisher implements RoutePublisher {
  /** Requests under way, by upstream. */
  readonly inFlight = new Map<string, number>()
  /** Called with what an endpoint has now, at every change. */
  onChange: (endpointId: string, upstreams: readonly Upstream[]) => void = () => {}
  readonly #backends = new Map<string, Upstream[]>()
  #version = 0

  upstreamsOf(endpointId: string): Upstream[] | undefined {
    return this.#backends.get(endpointId)
  }

  has(upstreamId: string): boolean {
    return [...this.#backends.values()].flat().some((upstream) => upstream.id === upstreamId)
  }

  async publish({ endpoint_id, upstreams }: Parameters<RoutePublisher['publish']>[0]): Promise<{ version: number }> {
    if (JSON.stringify(this.#backends.get(endpoint_id)) !== JSON.stringify(upstreams)) {
      this.#backends.set(endpoint_id, upstreams)
      this.#version++
      this.onChange(endpoint_id, upstreams)
    }
    return { version: this.#version }
  }

  async withdraw({ endpoint_id }: Parameters<RoutePublisher['withdraw']>[0]): Promise<{ version: number }> {
    if (this.#backends.delete(endpoint_id)) {
      this.#version++
      this.onChange(endpoint_id, [])
    }
    return { version: this.#version }
  }

  async waitDrained({
    upstream_ids,
    version,
  }: Parameters<RoutePublisher['waitDrained']>[0]): Promise<{ drained: boolean }> {
    const busy = upstream_ids.some((id) => this.has(id) || (this.inFlight.get(id) ?? 0) > 0)
    return { drained: version <= this.#version && !busy }
  }
}
