/** From `npm start` to a usable dashboard, and what all processes together then use. */
import { type RunningFoundry, removeDataDir, startFoundry, temporaryDataDir } from '../e2e/foundry.ts'
import type { Bench, BenchResult } from './report.ts'
import { cpuSeconds, processTree, summedPssMib } from './support/process-tree.ts'

const MIB_PER_GIB = 1024

export const run: Bench = async ({ smoke }) => {
  const settleS = smoke ? 5 : 60
  const idleS = smoke ? 10 : 60
  const dataDir = await temporaryDataDir()
  try {
    const first = await measureStart(dataDir)
    await first.foundry.stop()
    const warm = await measureStart(dataDir)
    await deployDemo(warm.foundry)
    await pause(settleS)
    const pids = processTree(warm.foundry.pid)
    const memoryMib = summedPssMib(pids)
    const cpuBefore = cpuSeconds(pids)
    await pause(idleS)
    const idlePercent = ((cpuSeconds(pids) - cpuBefore) / idleS) * 100
    await warm.foundry.stop()
    return { name: 'start', results: results(first, warm, memoryMib, settleS, idlePercent) }
  } finally {
    await removeDataDir(dataDir)
  }
}

interface Start {
  foundry: RunningFoundry
  readyS: number
  peakMib: number
}

/** Usable = the dashboard's page is served and the API answers with the demo cluster in it. */
async function measureStart(dataDir: string): Promise<Start> {
  const startedMs = performance.now()
  let peakMib = 0
  const starting = startFoundry({ dataDir })
  const sampler = setInterval(() => {
    peakMib = Math.max(peakMib, summedPssMib(processTree(process.pid).slice(1)))
  }, 200)
  try {
    const foundry = await starting
    const page = await fetch(`${foundry.url}/ui/sign-in`)
    if (!page.ok) throw new Error(`The dashboard answered ${page.status}`)
    const client = await foundry.client()
    const clusters = await client.clusters.list()
    if (clusters.length === 0) throw new Error('There is no demo cluster')
    const readyS = (performance.now() - startedMs) / 1000
    await pause(2)
    return { foundry, readyS, peakMib }
  } finally {
    clearInterval(sampler)
  }
}

async function deployDemo(foundry: RunningFoundry): Promise<void> {
  const client = await foundry.client()
  const { operation_id } = await client.endpoints.create({
    name: 'bench',
    model: 'meta-llama/Llama-3.1-8B-Instruct',
    cluster: 'demo',
    deployment: {
      runtime: 'vllm',
      config: {},
      replicas: 2,
      resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 },
    },
  })
  for (;;) {
    const operation = await client.operations.get({ id: operation_id })
    if (operation.state === 'succeeded') return
    if (operation.state === 'failed') throw new Error(JSON.stringify(operation.reasons))
    await pause(0.2)
  }
}

function results(first: Start, warm: Start, memoryMib: number, settleS: number, idlePercent: number): BenchResult[] {
  return [
    {
      what: 'first start to a usable dashboard',
      unit: 's',
      ours: first.readyS,
      must: '15 s',
      aim: '5 s',
      meets: first.readyS <= 15,
    },
    {
      what: 'later start to a usable dashboard',
      unit: 's',
      ours: warm.readyS,
      must: '15 s',
      aim: '5 s',
      meets: warm.readyS <= 15,
    },
    {
      what: 'first-start peak, all processes (PSS)',
      unit: 'MiB',
      ours: first.peakMib,
      must: '1.6 GiB',
      meets: first.peakMib <= 1.6 * MIB_PER_GIB,
    },
    {
      what: `settled ${settleS} s with an endpoint deployed (PSS)`,
      unit: 'MiB',
      ours: memoryMib,
      must: '1 GiB',
      aim: '500 MiB',
      meets: memoryMib <= MIB_PER_GIB,
    },
    {
      what: 'idle CPU with the endpoint deployed',
      unit: '% of a core',
      ours: idlePercent,
      must: '5 %',
      meets: idlePercent < 5,
    },
  ]
}

const pause = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000))
