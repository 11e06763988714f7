/**
 * Finding a model among ten thousand: every kind of question on the embedded database and, where Debian's PostgreSQL
 * is installed, on that; beside SQLite, asked the same by hand-written SQL.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { insertListedModels, type ListedModel } from '@bud/budmodel/testing/listed-models'
import { createTestListing, type TestListing } from '@bud/budmodel/testing/test-listing'
import { createGpuCatalogue } from '@bud/budsim'
import { loadMeasurements } from '@bud/budsim/adapters/measurements'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { createPlatform, type Platform } from '@bud/platform'
import { findPostgresPrograms, startPostgresServer } from '@bud/platform/testing/postgres-server'
import { randomSecretKey } from '@bud/platform/testing/random-secret-key'
import { createListedModels } from './registry-models.ts'
import { KINDS } from './registry-questions.ts'
import { createSqlitePeer } from './registry-sqlite.ts'
import type { Bench, BenchResult } from './report.ts'

const MODELS = { full: 10_000, smoke: 2000 }
const CALLS = { full: 40, smoke: 10 }
const WARM_UP = 3
const PROJECT = 'bench'
const DEEP_SHARE = 0.8
const MUST_MS = 50
const PAGE = 200

const { models: catalogue, gpus } = loadReferenceData()

export const run: Bench = async ({ smoke }) => {
  const models = createListedModels(smoke ? MODELS.smoke : MODELS.full, catalogue)
  const calls = smoke ? CALLS.smoke : CALLS.full
  const results: BenchResult[] = []
  for (const place of [embedded, server]) {
    const opened = await place()
    if (!opened) continue
    const listing = await fill(opened.platform, models)
    results.push(...(await measure(opened.name, listing, models, calls)))
    await opened.close()
  }
  return { name: 'registry', results }
}

interface Opened {
  name: string
  platform: Platform
  close(): Promise<void>
}

async function embedded(): Promise<Opened> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bud-registry-'))
  const platform = await createPlatform({ dataDir })
  const close = async () => {
    await platform.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { name: 'embedded database', platform, close }
}

async function server(): Promise<Opened | undefined> {
  const programs = findPostgresPrograms()
  if (programs === undefined) return undefined
  const postgres = await startPostgresServer(programs)
  const platform = await createPlatform({ databaseUrl: postgres.url, secretKey: randomSecretKey() })
  const close = async () => {
    await platform.close()
    await postgres.stop()
  }
  return { name: 'PostgreSQL', platform, close }
}

async function fill(platform: Platform, models: readonly ListedModel[]): Promise<TestListing> {
  const gpuCatalogue = createGpuCatalogue(gpus)
  const listing = await createTestListing(platform, {
    catalogue,
    measuredRows: () => loadMeasurements().rows,
    gpuTypes: (name) => gpuCatalogue.resolve(name).map(({ id }) => id),
  })
  await insertListedModels(platform.database, PROJECT, models)
  await listing.sync()
  return listing
}

async function measure(
  name: string,
  listing: TestListing,
  models: readonly ListedModel[],
  calls: number,
): Promise<BenchResult[]> {
  const peer = createSqlitePeer(models, await holdingOf(listing))
  const deep = await deepPage(listing, models.length)
  const results: BenchResult[] = []
  for (const kind of KINDS) {
    const questions = Array.from({ length: WARM_UP + calls }, (_, at) => kind.ask(at, deep.cursor))
    const [ours, sqlite]: [number[], number[]] = [[], []]
    for (const input of questions) {
      ours.push(await msOf(() => listing.list(PROJECT, input)))
      sqlite.push(await msOf(async () => peer.ask({ input, ...(kind.deep ? { deepId: deep.id } : {}) })))
    }
    const [measured, peers] = [ours.slice(WARM_UP), sqlite.slice(WARM_UP)]
    const p95 = quantile(measured, 0.95)
    const what = `${kind.what}, ${models.length} models, ${name}`
    results.push(
      { what: `${what} (p50)`, unit: 'ms', ours: quantile(measured, 0.5), peers: { SQLite: quantile(peers, 0.5) } },
      { what: `${what} (p95)`, unit: 'ms', ours: p95, must: '≤ 50 ms', aim: '20 ms', meets: p95 <= MUST_MS },
    )
  }
  peer.close()
  return results
}

async function holdingOf(listing: TestListing): Promise<Set<string>> {
  const names = new Set<string>()
  let cursor: string | undefined
  do {
    const asked = { measured_gpu: 'H100', output_tok_s_per_gpu_min: 500, limit: PAGE, cursor }
    const page = await listing.list(PROJECT, asked)
    for (const { name } of page.items) names.add(name)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return names
}

/** The cursor behind four fifths of the models, and the peer's. */
async function deepPage(listing: TestListing, count: number): Promise<{ cursor: string; id: number }> {
  let cursor: string | undefined
  let shown = 0
  while (shown < count * DEEP_SHARE) {
    const page = await listing.list(PROJECT, { limit: PAGE, cursor })
    cursor = page.next_cursor ?? undefined
    shown += page.items.length
  }
  return { cursor: cursor ?? '', id: count - shown }
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN
}
