/** The simulated cluster: nodes, the releases it was asked for, and the replicas that follow from them. */
import type { GpuCatalogue, KernelModel } from '@bud/budsim'
import {
  type Deployment,
  failed,
  type GpuSpec,
  notFound,
  type SimulatedFault,
  type SimulatedNode,
  type SimulatedNodeStatus,
  type SimulatedRelease,
  type SimulatedReleaseStatus,
  type SimulatedReplica,
} from '@bud/kernel'
import { type NodeCapacity, placeReplica } from '../domain/place-replica.ts'
import { engineFactsOf } from '../engine/runtime.ts'
import type { Timers } from '../engine/timers.ts'
import { type GpuReading, renderNodeMetrics } from '../metrics/dcgm.ts'
import type { ReleaseStore, StoredReplica } from './release-store.ts'
import { NO_FAULTS, Replica, type ReplicaFaults } from './replica.ts'

export interface ClusterOptions {
  nodes: readonly SimulatedNode[]
  catalogue: GpuCatalogue
  kernels: KernelModel
  store: ReleaseStore
  timers: Timers
  startupTimeFactor: number
  /** Where the process listens, without a trailing slash. */
  baseUrl(): string
}

interface Held {
  release: SimulatedRelease
  /** In the order in which they were asked for; draining ones stay until they are gone. */
  replicas: Map<string, Replica>
  faults: ReplicaFaults
}

export class Cluster {
  readonly #options: ClusterOptions
  readonly #specs: ReadonlyMap<string, GpuSpec>
  readonly #releases = new Map<string, Held>()
  /** Replicas of deleted releases that still finish requests. */
  readonly #departing = new Map<string, Replica>()
  readonly #images = new Set<string>()
  /** Releases whose replicas have changed by themselves since the last save. */
  readonly #unsettled = new Set<Held>()

  constructor(options: ClusterOptions) {
    this.#options = options
    this.#specs = new Map(options.nodes.map((node) => [node.name, gpuOf(node, options.catalogue)]))
  }

  /** Brings back what the store remembers; the names of files that could not be read. */
  restore(): string[] {
    const { releases, setAside } = this.#options.store.load()
    for (const { release, replicas } of releases) {
      const held: Held = { release, replicas: new Map(), faults: NO_FAULTS }
      this.#releases.set(release.name, held)
      this.#createMissing(held)
      for (const stored of replicas) this.#restoreReplica(held, stored)
    }
    this.#schedule()
    return setAside
  }

  nodes(): SimulatedNodeStatus[] {
    return this.#options.nodes.map((node) => ({
      ...node,
      allocations: this.#allReplicas().flatMap((replica) =>
        gpusOn(replica, node.name).map((gpu) => ({
          gpu,
          release: replica.identity.release,
          replica_id: replica.identity.id,
        })),
      ),
      metrics_url: `${this.#options.baseUrl()}/nodes/${node.name}/metrics`,
    }))
  }

  releases(): SimulatedReleaseStatus[] {
    return [...this.#releases.values()].map((held) => this.#statusOf(held))
  }

  /** Throws not-found. */
  release(name: string): SimulatedReleaseStatus {
    return this.#statusOf(this.#heldOf(name))
  }

  /** Creates or replaces a release; the same again changes nothing. */
  put(release: SimulatedRelease): SimulatedReleaseStatus {
    const held = this.#releases.get(release.name) ?? { release, replicas: new Map(), faults: NO_FAULTS }
    held.release = release
    this.#releases.set(release.name, held)
    this.#reconcile(held)
    this.#schedule()
    this.#save(held)
    return this.#statusOf(held)
  }

  /** Removes a release if there is one; its replicas finish what they have in flight. */
  delete(name: string): void {
    const held = this.#releases.get(name)
    if (held === undefined) return
    this.#releases.delete(name)
    this.#options.store.delete(name)
    for (const [id, replica] of held.replicas) {
      this.#departing.set(id, replica)
      replica.drain()
    }
    this.#schedule()
  }

  /** Throws not-found. */
  logs(name: string, lines: number): { replica_id: string; line: string }[] {
    return [...this.#heldOf(name).replicas.values()].flatMap((replica) =>
      replica.log.last(lines).map((line) => ({ replica_id: replica.identity.id, line })),
    )
  }

  /** Faults last until they are cleared or the process ends. Throws not-found. */
  setFault(name: string, fault: SimulatedFault): void {
    const held = this.#heldOf(name)
    held.faults = {
      slowFactor: fault.slow_factor ?? 1,
      hang: fault.hang ?? false,
      errorRate: fault.error_rate ?? 0,
      outOfMemoryAtLoad: fault.out_of_memory_at_load ?? false,
    }
    for (const replica of held.replicas.values()) {
      replica.setFaults(held.faults)
      if (fault.crash) replica.crash('Engine core proc died unexpectedly (fault switch).')
    }
  }

  replica(id: string): Replica | undefined {
    for (const { replicas } of this.#releases.values()) {
      const replica = replicas.get(id)
      if (replica !== undefined) return replica
    }
    return this.#departing.get(id)
  }

  /** Prometheus text of one node's GPUs; undefined when there is no such node. */
  nodeMetrics(name: string): string | undefined {
    const node = this.#options.nodes.find((one) => one.name === name)
    const spec = this.#specs.get(name)
    if (node === undefined || spec === undefined) return undefined
    const readings: GpuReading[] = Array.from({ length: node.gpu_count }, (_, index) => ({
      index,
      busyShare: 0,
      heldBytes: 0,
      replicaId: null,
    }))
    for (const replica of this.#allReplicas())
      for (const gpu of gpusOn(replica, name)) {
        const busyShare = replica.busyShare()
        readings[gpu] = { index: gpu, busyShare, heldBytes: replica.heldBytesPerGpu, replicaId: replica.identity.id }
      }
    return renderNodeMetrics(name, spec, readings)
  }

  #reconcile(held: Held): void {
    const desired = new Map(desiredReplicas(held.release).map((one) => [one.id, one]))
    for (const [id, replica] of [...held.replicas]) {
      const wanted = desired.get(id)
      if (wanted === undefined || versionOf(held.release, wanted.deployment) !== versionOfReplica(replica))
        replica.drain()
    }
    this.#createMissing(held)
  }

  #createMissing(held: Held): void {
    for (const { id, revision, ordinal, deployment } of desiredReplicas(held.release)) {
      if (held.replicas.has(id)) continue
      const [gpu] = this.#gpusFor(deployment)
      const { facts, served_model_name: servedModelName, name: release } = held.release
      const model = { facts, deployment, servedModelName, gpu: gpu ?? this.#anyGpu() }
      const replica = new Replica(
        { id, release, revision, ordinal, model },
        {
          timers: this.#options.timers,
          kernels: this.#options.kernels,
          startupTimeFactor: this.#options.startupTimeFactor,
          changed: () => this.#settleSoon(held),
          gone: () => this.#forget(held, id),
        },
      )
      replica.setFaults(held.faults)
      held.replicas.set(id, replica)
    }
  }

  /** A replica has left: its GPUs are free, and its name too. */
  #forget(held: Held, id: string): void {
    this.#departing.delete(id)
    held.replicas.delete(id)
    this.#settleSoon(held)
  }

  /** What replicas do by themselves is worked up once per turn: a thousand may leave together. */
  #settleSoon(held: Held): void {
    if (this.#unsettled.size === 0) this.#options.timers.after(0, () => this.#settle())
    this.#unsettled.add(held)
  }

  #settle(): void {
    const changed = [...this.#unsettled].filter((held) => this.#releases.get(held.release.name) === held)
    this.#unsettled.clear()
    for (const held of changed) this.#createMissing(held)
    this.#schedule()
    for (const held of changed) this.#save(held)
  }

  #restoreReplica(held: Held, stored: StoredReplica): void {
    const replica = held.replicas.get(stored.id)
    const spec = this.#specs.get(stored.parts[0]?.node ?? '')
    const taken = new Set(this.#allReplicas().flatMap(({ parts }) => parts.flatMap(gpuNames)))
    const isFree = stored.parts.every((part) => this.#hasGpus(part) && gpuNames(part).every((name) => !taken.has(name)))
    if (replica === undefined || spec === undefined || !isFree) return
    this.#rememberImage(replica, stored.parts)
    replica.restore(stored, spec)
  }

  #hasGpus({ node, gpus }: { node: string; gpus: readonly number[] }): boolean {
    const count = this.#options.nodes.find(({ name }) => name === node)?.gpu_count ?? 0
    return gpus.every((gpu) => gpu < count)
  }

  /** Places whoever waits, in the order of asking; the others learn why not. */
  #schedule(): void {
    const changed = new Set<Held>()
    const nodes = this.#capacity()
    for (const held of this.#releases.values())
      for (const replica of held.replicas.values()) {
        if (replica.phase !== 'unschedulable') continue
        if (this.#tryToPlace(replica, nodes)) changed.add(held)
      }
    for (const held of changed) this.#save(held)
  }

  #tryToPlace(replica: Replica, nodes: NodeCapacity[]): boolean {
    const { deployment } = replica.identity.model
    const placement = placeReplica(nodes, {
      gpuTypes: this.#gpusFor(deployment).map(({ id }) => id),
      tensorParallelSize: deployment.config.tensor_parallel_size,
      pipelineParallelSize: deployment.config.pipeline_parallel_size,
    })
    if (!placement.placed) {
      replica.refuse(placement.message)
      return false
    }
    const spec = this.#specs.get(placement.parts[0]?.node ?? '')
    if (spec === undefined) return false
    replica.place(placement.parts, spec, this.#rememberImage(replica, placement.parts))
    for (const { node, gpus } of placement.parts) {
      const used = nodes.find(({ name }) => name === node)
      if (used !== undefined) used.freeGpus = used.freeGpus.filter((gpu) => !gpus.includes(gpu))
    }
    return true
  }

  /** Whether every node had the image already; from now on they do. */
  #rememberImage(replica: Replica, parts: readonly { node: string }[]): boolean {
    const { engine, version } = engineFactsOf(replica.identity.model)
    const names = parts.map(({ node }) => `${node} ${engine}:${version}`)
    const present = names.every((name) => this.#images.has(name))
    for (const name of names) this.#images.add(name)
    return present
  }

  #capacity(): NodeCapacity[] {
    const taken = new Set(this.#allReplicas().flatMap(({ parts }) => parts.flatMap(gpuNames)))
    return this.#options.nodes.map(({ name, gpu_count }) => ({
      name,
      gpuType: this.#specs.get(name)?.id ?? '',
      freeGpus: Array.from({ length: gpu_count }, (_, gpu) => gpu).filter((gpu) => !taken.has(`${name}/${gpu}`)),
    }))
  }

  #gpusFor(deployment: Deployment): GpuSpec[] {
    try {
      return this.#options.catalogue.resolve(deployment.resources.gpu_type)
    } catch {
      return []
    }
  }

  /** For a replica that no node can take: its size does not matter. */
  #anyGpu(): GpuSpec {
    const [gpu] = this.#options.catalogue.list()
    if (gpu === undefined) throw failed('The GPU catalogue is empty.')
    return gpu
  }

  #allReplicas(): Replica[] {
    const held = [...this.#releases.values()].flatMap(({ replicas }) => [...replicas.values()])
    return [...held, ...this.#departing.values()]
  }

  #heldOf(name: string): Held {
    const held = this.#releases.get(name)
    if (held === undefined) throw notFound('release', name)
    return held
  }

  #save(held: Held): void {
    if (this.#releases.get(held.release.name) !== held) return
    const replicas = [...held.replicas.values()].flatMap((replica) => replica.store() ?? [])
    this.#options.store.save({ release: held.release, replicas })
  }

  #statusOf({ release, replicas }: Held): SimulatedReleaseStatus {
    const { name, endpoint_id } = release
    return { name, endpoint_id, replicas: [...replicas.values()].flatMap((replica) => this.#describe(replica) ?? []) }
  }

  #describe(replica: Replica): SimulatedReplica | null {
    const { phase, sinceMs, restarts, message, parts } = replica
    if (phase === 'gone') return null
    const { id, revision, ordinal, model } = replica.identity
    const baseUrl = `${this.#options.baseUrl()}/replicas/${id}`
    return {
      id,
      revision,
      ordinal,
      node: parts[0]?.node ?? null,
      gpus: [...(parts[0]?.gpus ?? [])],
      phase,
      since: new Date(sinceMs).toISOString(),
      restarts,
      message,
      base_url: baseUrl,
      metrics_url: `${baseUrl}${engineFactsOf(model).metrics_path}`,
    }
  }
}

function desiredReplicas({ name, groups }: SimulatedRelease) {
  return groups.flatMap(({ revision, replicas, deployment }) =>
    Array.from({ length: replicas }, (_, ordinal) => ({
      id: `${name}-r${revision}-${ordinal}`,
      revision,
      ordinal,
      deployment,
    })),
  )
}

/** Two replicas with the same text run the same thing; the number of replicas is no part of it. */
function versionOf(
  { facts, served_model_name }: Pick<SimulatedRelease, 'facts' | 'served_model_name'>,
  { runtime, runtime_version, config, resources }: Deployment,
): string {
  return JSON.stringify([facts, served_model_name, runtime, runtime_version, config, resources])
}

const versionOfReplica = ({ identity: { model } }: Replica) =>
  versionOf({ facts: model.facts, served_model_name: model.servedModelName }, model.deployment)

const gpuNames = ({ node, gpus }: { node: string; gpus: readonly number[] }) => gpus.map((gpu) => `${node}/${gpu}`)

const gpusOn = ({ parts }: Replica, node: string) => parts.flatMap((part) => (part.node === node ? part.gpus : []))

function gpuOf(node: SimulatedNode, catalogue: GpuCatalogue): GpuSpec {
  const [spec] = catalogue.resolve(node.gpu_type)
  if (spec === undefined) throw failed(`Node "${node.name}": unknown GPU "${node.gpu_type}".`)
  return spec
}
