/** Puts one simulated cluster together and lets it listen. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGpuCatalogue, type KernelModel } from '@bud/budsim'
import type { GpuSpec, SimulatedNode } from '@bud/kernel'
import { Cluster } from './cluster/cluster.ts'
import { ReleaseStore, replaceFile } from './cluster/release-store.ts'
import { realTimers } from './engine/timers.ts'
import { listen } from './http/server.ts'

export interface EnginesimOptions {
  nodes: readonly SimulatedNode[]
  gpus: readonly GpuSpec[]
  kernels: KernelModel
  stateDir: string
  token: string
  /** 0: the port of the last run if it is free, else any. */
  port: number
  startupTimeFactor: number
}

export interface Enginesim {
  cluster: Cluster
  url: string
  port: number
  /** Releases that could not be read back and were set aside. */
  setAside: readonly string[]
  close(): Promise<void>
}

export async function startEnginesim(options: EnginesimOptions): Promise<Enginesim> {
  const { nodes, gpus, kernels, stateDir, token, startupTimeFactor } = options
  let port = 0
  const cluster = new Cluster({
    nodes,
    catalogue: createGpuCatalogue([...gpus]),
    kernels,
    store: new ReleaseStore(stateDir),
    timers: realTimers,
    startupTimeFactor,
    baseUrl: () => `http://127.0.0.1:${port}`,
  })
  const portFile = join(stateDir, 'port')
  const wanted = options.port || lastPort(portFile)
  const server = await listen(cluster, token, { number: wanted, isPreference: options.port === 0 })
  port = server.port
  replaceFile(portFile, String(port))
  const setAside = cluster.restore()
  return { cluster, url: `http://127.0.0.1:${port}`, port, setAside, close: server.close }
}

/** Replicas keep their addresses over a restart when nothing else took the port. */
function lastPort(file: string): number {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
  } catch {
    return 0
  }
}
