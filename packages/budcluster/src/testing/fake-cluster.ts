/** A cluster in memory whose replicas answer over real HTTP; tests say how starts go and what breaks. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unavailable } from '@bud/kernel'
import type { InventoryNode } from '../domain/capacity.ts'
import type { Release, ReleaseStatus, ReplicaStatus } from '../domain/release.ts'
import type { ClusterDriver, ClusterDrivers } from '../ports.ts'
import { FakeModelStaging } from './fake-model-staging.ts'

export interface FakeNode {
  name: string
  gpu_type: string
  gpu_count: number
}

export const DEMO_NODES: readonly FakeNode[] = [
  { name: 'h100-1', gpu_type: 'H100-SXM-80GB', gpu_count: 8 },
  { name: 'h100-2', gpu_type: 'H100-SXM-80GB', gpu_count: 8 },
  { name: 'a100-1', gpu_type: 'A100-SXM-80GB', gpu_count: 4 },
  { name: 'a100-2', gpu_type: 'A100-SXM-80GB', gpu_count: 4 },
  { name: 'l40s-1', gpu_type: 'L40S-48GB', gpu_count: 8 },
]

export class FakeCluster implements ClusterDriver {
  readonly kind = 'simulated'
  needs_artifacts = false
  /** Every call fails with this while it is set. */
  unreachable: string | undefined
  /** What replicas of a revision say when they crash instead of getting ready. */
  readonly crashOnStart = new Map<number, string>()
  /** Ids of replicas that crash whenever they have loaded. */
  readonly keepsCrashing = new Set<string>()
  /** Answers of verified replicas. */
  completion = 'Ready when you are.'
  /** What was asked of the cluster, in order. */
  readonly calls: string[] = []
  /** Called before a replica goes. */
  onStop: (replica: ReplicaStatus) => void = () => {}
  readonly nodes: readonly FakeNode[]
  readonly staging = new FakeModelStaging()
  readonly #releases = new Map<string, { release: Release; replicas: ReplicaStatus[] }>()
  readonly #server: Server
  #origin = ''

  private constructor(nodes: readonly FakeNode[]) {
    this.nodes = nodes
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async start(nodes: readonly FakeNode[] = DEMO_NODES): Promise<FakeCluster> {
    const cluster = new FakeCluster(nodes)
    await new Promise<void>((resolve) => cluster.#server.listen(0, '127.0.0.1', resolve))
    const { port } = cluster.#server.address() as AddressInfo
    cluster.#origin = `http://127.0.0.1:${port}`
    return cluster
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** It stands for one cluster record; every other one does not answer. */
  asDriversOf(clusterId: () => string): ClusterDrivers {
    const elsewhere = new FakeCluster([])
    elsewhere.unreachable = 'It belongs to another test.'
    return {
      driverFor: ({ id }) => (id === clusterId() ? this : elsewhere),
      forget: async () => this.#releases.clear(),
    }
  }

  readonly inventory = {
    nodes: async (): Promise<InventoryNode[]> => {
      this.#reach('nodes')
      return this.nodes.map((node) => ({
        ...node,
        ready: true,
        metrics_url: `${this.#origin}/nodes/${node.name}/metrics`,
        allocations: [...this.#releases].flatMap(([release, { replicas }]) =>
          replicas
            .filter((replica) => replica.node === node.name)
            .flatMap(({ gpus }) => gpus.map((gpu) => ({ gpu, release }))),
        ),
      }))
    },
  }

  readonly releases = {
    apply: async (release: Release): Promise<void> => {
      this.#reach(`apply ${release.groups.map((group) => `r${group.revision}×${group.replicas}`).join(' ')}`)
      const replicas = this.#releases.get(release.name)?.replicas ?? []
      const wanted = new Set(release.groups.flatMap(idsOf(release.name)))
      const kept = replicas.filter((replica) => wanted.has(replica.id) || this.#stop(replica))
      this.#releases.set(release.name, { release, replicas: kept })
      for (const group of release.groups)
        for (let ordinal = 0; ordinal < group.replicas; ordinal++)
          if (!kept.some((replica) => replica.id === idOf(release.name, group.revision, ordinal)))
            kept.push(this.#create(release, group.revision, ordinal))
    },
    /** A look lets time pass: what was loading is ready at the next one. */
    status: async (name: string): Promise<ReleaseStatus | undefined> => {
      this.#reach(`status ${name}`)
      const held = this.#releases.get(name)
      if (!held) return undefined
      const status = structuredClone({ name, endpoint_id: held.release.endpoint_id, replicas: held.replicas })
      this.#progress()
      return status
    },
    list: async (): Promise<ReleaseStatus[]> => {
      this.#reach('list')
      return [...this.#releases].map(([name, { release, replicas }]) =>
        structuredClone({ name, endpoint_id: release.endpoint_id, replicas }),
      )
    },
    remove: async (name: string): Promise<void> => {
      this.#reach(`remove ${name}`)
      for (const replica of this.#releases.get(name)?.replicas ?? []) this.#stop(replica)
      this.#releases.delete(name)
    },
  }

  readonly logs = {
    tail: async (name: string, lines: number) => {
      this.#reach('logs')
      const replicas = this.#releases.get(name)?.replicas ?? []
      return lines < 1 ? [] : replicas.map(({ id, phase }) => ({ replica_id: id, line: `${id} is ${phase}` }))
    },
  }

  replicas(): ReplicaStatus[] {
    return [...this.#releases.values()].flatMap(({ replicas }) => replicas)
  }

  /** It comes back by itself after two looks. */
  crash(id: string, message = 'Engine core proc died unexpectedly.'): void {
    const replica = this.replicas().find((candidate) => candidate.id === id)
    if (replica) Object.assign(replica, { phase: 'crashed', message, restarts: replica.restarts + 1 })
  }

  /** Somebody else works on the cluster. */
  forgetRelease(name: string): void {
    this.#releases.delete(name)
  }

  #reach(call: string): void {
    if (this.unreachable !== undefined) throw unavailable(this.unreachable)
    this.calls.push(call)
  }

  #stop(replica: ReplicaStatus): false {
    this.onStop(replica)
    return false
  }

  #create(release: Release, revision: number, ordinal: number): ReplicaStatus {
    const id = idOf(release.name, revision, ordinal)
    const resources = release.groups.find((group) => group.revision === revision)?.deployment.resources
    const base_url = `${this.#origin}/replicas/${id}`
    const place = resources && this.#place(resources.gpu_type, resources.gpu_count)
    return {
      id,
      revision,
      ordinal,
      node: place?.node ?? null,
      gpus: place?.gpus ?? [],
      phase: place ? 'loading' : 'unschedulable',
      since: new Date(0).toISOString(),
      restarts: 0,
      message: place ? null : '0/5 nodes are available: 5 Insufficient nvidia.com/gpu.',
      base_url,
      metrics_url: `${base_url}/metrics`,
    }
  }

  /** First fit. */
  #place(gpuType: string, count: number): { node: string; gpus: number[] } | undefined {
    for (const { name, gpu_type, gpu_count } of this.nodes) {
      if (gpu_type !== gpuType) continue
      const used = new Set(this.replicas().flatMap(({ node, gpus }) => (node === name ? gpus : [])))
      const free = Array.from({ length: gpu_count }, (_, gpu) => gpu).filter((gpu) => !used.has(gpu))
      if (free.length >= count) return { node: name, gpus: free.slice(0, count) }
    }
    return undefined
  }

  #progress(): void {
    for (const replica of this.replicas()) {
      const crash = this.keepsCrashing.has(replica.id) ? 'died again' : this.crashOnStart.get(replica.revision)
      if (replica.phase === 'crashed') Object.assign(replica, { phase: 'loading', message: null })
      else if (replica.phase === 'loading' && crash !== undefined)
        Object.assign(replica, { phase: 'crashed', message: crash, restarts: replica.restarts + 1 })
      else if (replica.phase === 'loading') replica.phase = 'ready'
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [, , id = '', ...rest] = (request.url ?? '').split('/')
    const [name, held] = [...this.#releases].find(([, { replicas }]) => replicas.some((one) => one.id === id)) ?? []
    const ready = held?.replicas.find((one) => one.id === id)?.phase === 'ready'
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const path = rest.join('/')
    if (!held || !name) send(404, { error: 'no such replica' })
    else if (!ready) send(503, { error: 'not ready' })
    else if (path === 'v1/models') send(200, { data: [{ id: held.release.served_model_name }] })
    else if (path === 'v1/chat/completions')
      send(200, { choices: [{ message: { role: 'assistant', content: this.completion } }] })
    else send(200, {})
  }
}

const idOf = (release: string, revision: number, ordinal: number): string => `${release}-r${revision}-${ordinal}`
const idsOf =
  (release: string) =>
  (group: Release['groups'][number]): string[] =>
    Array.from({ length: group.replicas }, (_, ordinal) => idOf(release, group.revision, ordinal))
