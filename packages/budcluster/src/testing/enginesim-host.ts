/** Runs real engine simulators as child processes, as the control plane does. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SimulatorHost } from '../ports.ts'

const ENGINESIM = join(import.meta.dirname, '../../../../apps/enginesim/src/main.ts')
const TOKEN = 'token-of-the-tests'

export interface EnginesimHost extends SimulatorHost {
  /** The process dies without a word; the next `connect` starts another on the same state. */
  kill(clusterId: string): Promise<void>
  close(): Promise<void>
}

export async function startEnginesimHost(): Promise<EnginesimHost> {
  const folder = await mkdtemp(join(tmpdir(), 'bud-enginesim-'))
  const running = new Map<string, Promise<{ child: ChildProcess; url: string }>>()
  const end = async (clusterId: string, signal: 'SIGTERM' | 'SIGKILL') => {
    const simulator = await running.get(clusterId)
    running.delete(clusterId)
    if (!simulator || simulator.child.exitCode !== null || simulator.child.signalCode !== null) return
    const gone = once(simulator.child, 'exit')
    simulator.child.kill(signal)
    await gone
  }
  return {
    async connect(cluster) {
      const started = running.get(cluster.id) ?? spawn(folder, cluster)
      running.set(cluster.id, started)
      return { url: (await started).url, token: TOKEN }
    },
    disconnect: (clusterId) => end(clusterId, 'SIGTERM'),
    kill: (clusterId) => end(clusterId, 'SIGKILL'),
    async close() {
      for (const clusterId of [...running.keys()]) await end(clusterId, 'SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function spawn(
  folder: string,
  cluster: Parameters<SimulatorHost['connect']>[0],
): Promise<{ child: ChildProcess; url: string }> {
  const stateDir = join(folder, cluster.id)
  await mkdir(stateDir, { recursive: true })
  const nodesFile = join(stateDir, 'nodes.json')
  await writeFile(nodesFile, JSON.stringify(cluster.nodes))
  const args = ['--state-dir', stateDir, '--nodes-file', nodesFile]
  const child = fork(ENGINESIM, [...args, '--startup-time-factor', String(cluster.startup_time_factor)], {
    env: { PATH: '/usr/bin:/bin', BUD_ENGINESIM_TOKEN: TOKEN },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [message] = await once(child, 'message')
  return { child, url: `http://127.0.0.1:${message.port}` }
}
