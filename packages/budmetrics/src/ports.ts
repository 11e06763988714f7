/** What measuring needs from the outside: who is to be asked, and how one asks. One contract suite each (testing/). */
import type { EngineName, Targets } from '@bud/kernel'
import type { Exposition } from './domain/exposition.ts'

export interface ScrapeRequest {
  /** A page in Prometheus' text format. */
  url: string
  /** The exposed sample names to read, `_bucket` and `_total` included; all others are passed over. */
  names: ReadonlySet<string>
}

export interface MetricSource {
  /**
   * The samples of those names now. Throws `unavailable` when the page does not answer with 200 in time; a page that
   * answers without any of them is an empty exposition.
   */
  scrape(request: ScrapeRequest): Promise<Exposition>
}

export interface ScrapeReplica {
  id: string
  metrics_url: string
  /** Where an update changes the engine, replicas of both run together; left out: the endpoint's. */
  engine?: EngineName | undefined
  engine_version?: string | undefined
}

export interface ScrapeTarget {
  endpoint_id: string
  project_id: string
  endpoint_name: string
  engine: EngineName
  engine_version?: string | undefined
  /** The limits the endpoint is to hold: they become thresholds. Left out: said by `rules.setTargets`. */
  targets?: Targets | undefined
  replicas: readonly ScrapeReplica[]
  /** The nodes this endpoint has GPUs on, with their indices there. */
  nodes: readonly { node: string; metrics_url: string; gpus: readonly number[] }[]
}

export interface ScrapeTargets {
  /**
   * What can be asked now. An endpoint that is left out has nothing to ask (no ready replica, an unreachable cluster):
   * that is missing data, and says nothing about whether it still exists.
   */
  list(): Promise<readonly ScrapeTarget[]>
  /** False once the endpoint was deleted: its alerts end then. Throws when it cannot be said. */
  exists(endpoint: { project_id: string; endpoint_id: string }): Promise<boolean>
}
