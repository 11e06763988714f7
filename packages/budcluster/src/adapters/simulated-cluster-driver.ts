/** Simulated clusters behind the ports that every cluster has: virtual GPU nodes, engine simulators, a folder as cache. */
import { join } from 'node:path'
import { SimulatedNodeStatus, SimulatedReleaseStatus } from '@bud/kernel'
import { z } from 'zod'
import type { ClusterRecord } from '../domain/records.ts'
import type { ClusterDriver, ClusterDrivers, EngineLogs, Inventory, ReleaseDriver, SimulatorHost } from '../ports.ts'
import { FolderModelStaging } from './folder-model-staging.ts'
import { SimulatedConnection } from './simulated-connection.ts'

const NodeList = z.array(SimulatedNodeStatus)
const ReleaseList = z.array(SimulatedReleaseStatus)
const LogLines = z.array(z.object({ replica_id: z.string(), line: z.string() }))

export interface SimulatedClusterDriversOptions {
  host: SimulatorHost
  /** The state folder: model files go below `clusters/<cluster>/cache`. */
  dataDir: string
}

export function createSimulatedClusterDrivers({ host, dataDir }: SimulatedClusterDriversOptions): ClusterDrivers {
  const drivers = new Map<string, ClusterDriver & { staging: FolderModelStaging }>()
  const driverFor = (cluster: Pick<ClusterRecord, 'id' | 'spec'>) => {
    const known = drivers.get(cluster.id)
    if (known) return known
    const driver = createDriver(
      new SimulatedConnection(host, cluster),
      new FolderModelStaging(join(dataDir, 'clusters', cluster.id, 'cache')),
    )
    drivers.set(cluster.id, driver)
    return driver
  }
  return {
    driverFor,
    async forget(cluster) {
      const { staging } = driverFor(cluster)
      drivers.delete(cluster.id)
      await host.disconnect(cluster.id)
      await staging.clear()
    },
  }
}

function createDriver(connection: SimulatedConnection, staging: FolderModelStaging) {
  return {
    kind: 'simulated',
    needs_artifacts: false,
    inventory: createInventory(connection),
    releases: createReleases(connection),
    staging,
    logs: createLogs(connection),
  } satisfies ClusterDriver
}

const createInventory = (connection: SimulatedConnection): Inventory => ({
  async nodes() {
    const nodes = (await connection.request(NodeList, 'GET', '/nodes')) ?? []
    return nodes.map(({ name, gpu_type, gpu_count, allocations, metrics_url }) => ({
      name,
      gpu_type,
      gpu_count,
      ready: true,
      allocations: allocations.map(({ gpu, release }) => ({ gpu, release })),
      metrics_url,
    }))
  },
})

const createReleases = (connection: SimulatedConnection): ReleaseDriver => ({
  async apply(release) {
    await connection.request(z.unknown(), 'PUT', `/releases/${release.name}`, release)
  },
  status: (name) => connection.request(SimulatedReleaseStatus, 'GET', `/releases/${name}`),
  list: async () => (await connection.request(ReleaseList, 'GET', '/releases')) ?? [],
  async remove(name) {
    await connection.request(z.unknown(), 'DELETE', `/releases/${name}`)
  },
})

const createLogs = (connection: SimulatedConnection): EngineLogs => ({
  tail: async (release, lines) =>
    (await connection.request(LogLines, 'GET', `/releases/${release}/logs?lines=${lines}`)) ?? [],
})
