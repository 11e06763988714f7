/** A cluster as it is right now: its driver's inventory, or why there is none. */
import { messageOf, unavailable } from '@bud/kernel'
import type { Queryable } from '@bud/platform'
import { type InventoryNode, nodeViews } from '../../domain/capacity.ts'
import type { ClusterRecord } from '../../domain/records.ts'
import type { ClusterView } from '../../domain/validate-deployment.ts'
import type { Context } from '../context.ts'
import { listHoldings } from '../store/reservations.ts'

export interface Observation {
  nodes: InventoryNode[]
  /** Null: it answered. */
  unreachable_reason: string | null
}

/** Never throws for a cluster that does not answer. Not inside a transaction: it talks to the cluster. */
export async function observeCluster(context: Context, cluster: ClusterRecord): Promise<Observation> {
  try {
    return { nodes: await context.drivers.driverFor(cluster).inventory.nodes(), unreachable_reason: null }
  } catch (error) {
    return { nodes: [], unreachable_reason: messageOf(error) }
  }
}

/** For plans that need to know the nodes. Throws `unavailable`. */
export function requireAnswer({ name }: ClusterRecord, observation: Observation): Observation {
  if (observation.unreachable_reason === null) return observation
  throw unavailable(
    `Cluster "${name}" does not answer: ${observation.unreachable_reason} Try again when GET /clusters shows it ready.`,
  )
}

/** The observation with the ledger over it, read through `query` (a transaction that holds the cluster's lock, or not). */
export async function viewCluster(
  context: Context,
  query: Queryable,
  cluster: ClusterRecord,
  observation: Observation,
  ignoringEndpoint?: string,
): Promise<ClusterView> {
  const holdings = await listHoldings(query, cluster.id)
  return {
    id: cluster.id,
    name: cluster.name,
    stage: cluster.stage,
    unreachable_reason: observation.unreachable_reason,
    needs_artifacts: context.drivers.driverFor(cluster).needs_artifacts,
    nodes: nodeViews(observation.nodes, holdings, ignoringEndpoint),
  }
}
