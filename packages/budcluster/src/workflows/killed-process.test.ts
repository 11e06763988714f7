/** SIGKILL in the middle of each workflow: the next process ends it, once. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ControlPlaneReport, ControlPlaneSettings } from '../testing/control-plane.ts'
import { type EnginesimHost, startEnginesimHost } from '../testing/enginesim-host.ts'

const CONTROL_PLANE = join(import.meta.dirname, '../testing/control-plane.ts')
const NODES = ['a100-1', 'a100-2'].map((name) => ({ name, gpu_type: 'A100-SXM-80GB', gpu_count: 4 }))

let host: EnginesimHost
let folder: string
beforeAll(async () => {
  host = await startEnginesimHost()
  folder = await mkdtemp(join(tmpdir(), 'bud-control-plane-'))
  await writeFile(join(folder, 'routes.json'), JSON.stringify({ version: 0, upstreams: {} }))
})
afterAll(async () => {
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

/** What it says before it does what it is asked to do, and how it ended. */
async function run(
  more: Pick<ControlPlaneSettings, 'ask' | 'killAfter'>,
): Promise<{ report: ControlPlaneReport | undefined; signal: string | null }> {
  const settings: ControlPlaneSettings = {
    dataDir: join(folder, 'data'),
    routesFile: join(folder, 'routes.json'),
    simulator: await host.connect({ id: 'demo', nodes: NODES, startup_time_factor: 0.0005 }),
    ...more,
  }
  const child = fork(CONTROL_PLANE, [JSON.stringify(settings)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let report: ControlPlaneReport | undefined
  child.on('message', (message: ControlPlaneReport) => {
    report = message
  })
  const [, signal] = await once(child, 'exit')
  return { report, signal }
}

const WALK = [
  { ask: 'deploy', killAfter: 'start', left: { state: 'ready', revision: 1, ready_replicas: 2 }, gpus_free: 4 },
  { ask: 'scale', killAfter: 'start', left: { state: 'ready', revision: 1, ready_replicas: 3 }, gpus_free: 2 },
  { ask: 'update', killAfter: 'stop-1', left: { state: 'ready', revision: 2, ready_replicas: 1 }, gpus_free: 4 },
  { ask: 'delete', killAfter: 'remove', left: undefined, gpus_free: 8 },
] as const

it('a control plane killed in the middle of a workflow ends it when it comes back', { timeout: 180_000 }, async () => {
  for (const [index, { ask, killAfter }] of WALK.entries()) {
    const { report, signal } = await run({ ask, killAfter })
    expect(signal, `${ask} was to be killed`).toBe('SIGKILL')
    expectDone(report, index)
  }
  expectDone((await run({})).report, WALK.length)
})

/** The first `count` workflows of the walk have happened, each once. */
function expectDone(report: ControlPlaneReport | undefined, count: number): void {
  const last = WALK[count - 1]
  expect(report).toMatchObject({ endpoints: last?.left ? [last.left] : [], gpus_free: last?.gpus_free ?? 8 })
  expect(report?.operations.map(({ kind, state }) => `${kind} ${state}`)).toEqual(
    WALK.slice(0, count).map(({ ask }) => `${ask} succeeded`),
  )
}
