/** One engine simulator process for each simulated cluster, started when its driver first connects. */
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SimulatorHost } from '@bud/budcluster'
import type { SimulatedNode } from '@bud/kernel'
import type { FastifyBaseLogger } from 'fastify'
import { type Child, startChild } from './child.ts'

const simulatorFile = join(import.meta.dirname, '../../../enginesim/src/main.ts')

interface Simulator {
  child: Promise<Child>
  token: string
}

export interface SimulatorProcesses extends SimulatorHost {
  stopAll(): Promise<void>
}

export function createSimulatorHost(options: { clustersDir: string; logger: FastifyBaseLogger }): SimulatorProcesses {
  const simulators = new Map<string, Simulator>()
  const stateDirOf = (clusterId: string) => join(options.clustersDir, clusterId, 'simulator')

  const start = (cluster: { id: string; nodes: SimulatedNode[]; startup_time_factor: number }): Simulator => {
    const token = randomBytes(32).toString('hex')
    const stateDir = stateDirOf(cluster.id)
    return { token, child: spawn(cluster, stateDir, token, options.logger) }
  }

  return {
    connect: async (cluster) => {
      let simulator = simulators.get(cluster.id)
      if (!simulator) {
        simulator = start(cluster)
        simulators.set(cluster.id, simulator)
        simulator.child.catch(() => simulators.delete(cluster.id))
      }
      const child = await simulator.child
      return { url: `http://127.0.0.1:${child.port}`, token: simulator.token }
    },
    disconnect: async (clusterId) => {
      const simulator = simulators.get(clusterId)
      simulators.delete(clusterId)
      await (await simulator?.child)?.stop()
      await rm(stateDirOf(clusterId), { recursive: true, force: true })
    },
    stopAll: async () => {
      await Promise.all([...simulators.values()].map(async ({ child }) => (await child.catch(() => undefined))?.stop()))
      simulators.clear()
    },
  }
}

async function spawn(
  cluster: { id: string; nodes: SimulatedNode[]; startup_time_factor: number },
  stateDir: string,
  token: string,
  logger: FastifyBaseLogger,
): Promise<Child> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
  const nodesFile = join(stateDir, 'nodes.json')
  await writeFile(nodesFile, JSON.stringify(cluster.nodes))
  return startChild({
    name: `enginesim ${cluster.id}`,
    file: simulatorFile,
    // It comes back on its own port by itself where that is still free.
    args: () => [
      ...['--state-dir', stateDir],
      ...['--nodes-file', nodesFile],
      ...['--startup-time-factor', String(cluster.startup_time_factor)],
    ],
    env: { BUD_ENGINESIM_TOKEN: token },
    logger,
  })
}
