/** The snapshot in force, indexed for the hot path, and the load on each replica. Lives in memory alone. */
import type { GatewayReport, RouteSnapshot, Upstream } from '@bud/kernel'
import type { Candidate, WeightedBackend } from './choose-upstream.ts'
import { createLoad, noteAttempt, type UpstreamLoad } from './upstream-load.ts'

export interface Replica extends Candidate {
  readonly endpointId: string
  readonly servedName: string
  readonly origin: string
  /** Before "/v1/…"; empty for an engine at the root. */
  readonly pathPrefix: string
}

export interface RoutedModel {
  readonly id: string
  readonly projectId: string
  readonly name: string
  readonly backends: readonly WeightedBackend<Replica>[]
}

export interface GatewayKey {
  readonly id: string
  readonly projectId: string
}

export interface RoutingTable {
  /** undefined until a snapshot was applied. */
  readonly snapshot: { version: number; createdAt: string } | undefined
  readonly inFlight: number
  findKey(sha256: string): GatewayKey | undefined
  findRoute(projectId: string, name: string): RoutedModel | undefined
  routeNames(projectId: string): string[]
  /** In force for every request that has not chosen a replica yet. */
  apply(snapshot: RouteSnapshot): void
  begin(replica: Replica, nowMs: number): void
  end(replica: Replica): void
  report(gatewayId: string): GatewayReport
}

/** `onDrained` is called when a replica that is no longer routed to has finished its last request. */
export function createRoutingTable({ onDrained }: { onDrained: () => void }): RoutingTable {
  const loads = new Map<string, UpstreamLoad>()
  let keys = new Map<string, GatewayKey>()
  let routes = new Map<string, Map<string, RoutedModel>>()
  let routed = new Set<string>()
  let snapshot: RoutingTable['snapshot']
  let inFlight = 0

  const loadOf = (id: string): UpstreamLoad => {
    const load = loads.get(id) ?? createLoad()
    loads.set(id, load)
    return load
  }

  return {
    get snapshot() {
      return snapshot
    },
    get inFlight() {
      return inFlight
    },
    findKey: (sha256) => keys.get(sha256),
    findRoute: (projectId, name) => routes.get(projectId)?.get(name),
    routeNames: (projectId) => [...(routes.get(projectId)?.keys() ?? [])].sort(),
    apply(next) {
      keys = new Map(next.keys.map((key) => [key.sha256, { id: key.id, projectId: key.project_id }]))
      routes = indexRoutes(next, loadOf)
      routed = new Set(next.routes.flatMap(({ backends }) => backends.flatMap((b) => b.upstreams.map(({ id }) => id))))
      for (const [id, load] of loads) if (load.inFlight === 0 && !routed.has(id)) loads.delete(id)
      snapshot = { version: next.version, createdAt: next.created_at }
    },
    begin(replica, nowMs) {
      inFlight++
      // A retry may hold a replica whose load was forgotten meanwhile; what is in flight must be reported.
      loads.set(replica.id, replica.load)
      noteAttempt(replica.load, nowMs)
    },
    end({ id, load }) {
      inFlight--
      if (--load.inFlight > 0 || routed.has(id)) return
      loads.delete(id)
      onDrained()
    },
    report: (gatewayId) => ({
      gateway_id: gatewayId,
      applied_version: snapshot?.version ?? 0,
      in_flight: [...loads]
        .filter(([, load]) => load.inFlight > 0)
        .map(([upstream_id, load]) => ({ upstream_id, count: load.inFlight })),
    }),
  }
}

function indexRoutes(snapshot: RouteSnapshot, loadOf: (id: string) => UpstreamLoad) {
  const byProject = new Map<string, Map<string, RoutedModel>>()
  for (const { id, project_id: projectId, name, backends } of snapshot.routes) {
    const ofProject = byProject.get(projectId) ?? new Map<string, RoutedModel>()
    byProject.set(projectId, ofProject)
    const indexed = backends
      .filter(({ weight, upstreams }) => weight > 0 && upstreams.length > 0)
      .map(({ weight, upstreams }) => ({ weight, upstreams: upstreams.map((u) => toReplica(u, loadOf(u.id))) }))
    ofProject.set(name, { id, projectId, name, backends: indexed })
  }
  return byProject
}

function toReplica({ id, base_url, endpoint_id, model }: Upstream, load: UpstreamLoad): Replica {
  const url = new URL(base_url)
  return {
    id,
    load,
    endpointId: endpoint_id,
    servedName: model,
    origin: url.origin,
    pathPrefix: url.pathname.replace(/\/+$/, ''),
  }
}
