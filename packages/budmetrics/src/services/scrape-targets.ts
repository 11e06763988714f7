/** One scrape: every replica and every node once, all at the same moment of the clock. */
import { engineFacts, type NormalisedMetrics } from '@bud/engines'
import { messageOf } from '@bud/kernel'
import { type GpuReading, gpuSampleNames, meanUtilization, readGpus } from '../domain/gpu-reading.ts'
import { readReplica, sampleNames } from '../domain/replica-reading.ts'
import type { ScrapeReplica, ScrapeTarget } from '../ports.ts'
import type { Context } from './context.ts'
import type { ScrapeOutcome } from './endpoint-store.ts'
import { forEachLimited } from './for-each-limited.ts'
import type { MinuteOfEndpoint } from './record-minutes.ts'

/** Scrapes the targets into the store; answers the minutes that were completed by it. */
export async function scrapeTargets(context: Context, targets: readonly ScrapeTarget[]): Promise<MinuteOfEndpoint[]> {
  const { endpoints, clock, settings } = context
  const atMs = clock.nowMs()
  const { outcomes, gpus } = await askAll(context, targets)
  return targets.flatMap((target) => {
    const gpuPercent = meanUtilization(
      target.nodes.flatMap((node) => {
        const reading = gpus.get(node.metrics_url)
        return reading ? [{ reading, gpus: node.gpus }] : []
      }),
    )
    const ofTarget = target.replicas.flatMap((replica) => outcomes.get(replica) ?? [])
    const closed = endpoints.open(target).add(atMs, ofTarget, gpuPercent, settings.window_s)
    return closed ? [{ target, minute: closed }] : []
  })
}

interface Answers {
  outcomes: Map<ScrapeReplica, ScrapeOutcome>
  /** By the node's address: endpoints share nodes. A node that does not answer is absent. */
  gpus: Map<string, GpuReading>
}

async function askAll(context: Context, targets: readonly ScrapeTarget[]): Promise<Answers> {
  const outcomes: Answers['outcomes'] = new Map()
  const gpus: Answers['gpus'] = new Map()
  const nodeUrls = new Set(targets.flatMap((target) => target.nodes.map((node) => node.metrics_url)))
  const asks = [
    ...[...nodeUrls].map((url) => async () => {
      const reading = await askNode(context, url)
      if (reading) gpus.set(url, reading)
    }),
    ...targets.flatMap((target) =>
      target.replicas.map((replica) => async () => {
        outcomes.set(replica, await askReplica(context, target, replica))
      }),
    ),
  ]
  await forEachLimited(asks, context.settings.concurrent_scrapes, (ask) => ask())
  return { outcomes, gpus }
}

async function askReplica({ source }: Context, target: ScrapeTarget, replica: ScrapeReplica): Promise<ScrapeOutcome> {
  const { id, metrics_url: url } = replica
  try {
    const { metrics, names } = namesOf(replica.engine ?? target.engine, replica.engine_version ?? target.engine_version)
    const reading = readReplica(await source.scrape({ url, names }), metrics)
    return reading ? { id, reading } : { id, problem: `${url} answers without the engine's metrics` }
  } catch (error) {
    return { id, problem: messageOf(error) }
  }
}

/** Without a node's answer GPU use has a gap; nothing else depends on it. */
async function askNode({ source }: Context, url: string): Promise<GpuReading | undefined> {
  try {
    return readGpus(await source.scrape({ url, names: gpuSampleNames }))
  } catch {
    return undefined
  }
}

const known = new Map<string, { metrics: NormalisedMetrics; names: ReadonlySet<string> }>()

/** By engine and version, worked out once. */
function namesOf(engine: ScrapeTarget['engine'], version: string | undefined) {
  const key = `${engine} ${version}`
  const found = known.get(key)
  if (found) return found
  const { metrics } = engineFacts(engine, version)
  const made = { metrics, names: sampleNames(metrics) }
  known.set(key, made)
  return made
}
