/** An import from S3 into S3, hashed and scanned on the way, beside `rclone copy` of the same bytes on the same server. */
import { fork, spawn, spawnSync } from 'node:child_process'
import { createCipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openS3ArtifactStore } from '@bud/budmodel/adapters/s3-artifact-store'
import type { S3Place } from '@bud/budmodel/adapters/s3-client'
import { buildMinio, isMinioBuilt, startMinio } from '../e2e/parts/minio.ts'
import type { S3Server } from '../e2e/parts/s3-server.ts'
import type { Bench, BenchResult } from './report.ts'
import { cpuSeconds } from './support/process-tree.ts'
import type { TransferOrder, TransferResult, TransferSource } from './transfer-import.ts'

const MIB = 1024 * 1024
const RCLONE = 'rclone'
/** What its documentation and trials on two cores advise. */
const RCLONE_TUNING = [
  ...['--checkers', '16', '--s3-upload-concurrency', '4', '--s3-chunk-size', '16M'],
  ...['--s3-no-check-bucket', '--no-traverse', '--multi-thread-streams', '4'],
]
const SOURCE = 'source'
const TARGET = 'target'
const IMPORTER = join(import.meta.dirname, 'transfer-import.ts')

interface Load {
  what: string
  files: number
  bytes: number
  /** From a folder of this machine instead of a bucket. */
  folder?: boolean
}

interface Sides {
  ours: TransferResult[]
  rclone: TransferResult[]
}

export const run: Bench = async ({ smoke, require }) => {
  if (!isMinioBuilt()) {
    if (!require && !smoke) throw new Error('MinIO is missing: npm run bench -- transfer --require builds it with Go.')
    await buildMinio()
  }
  const scratch = mkdtempSync(join(tmpdir(), 'bud-bench-transfer-'))
  const server = await startMinio()
  try {
    await server.createBucket(SOURCE)
    await server.createBucket(TARGET)
    const scale = smoke ? 1 / 16 : 1
    const rounds = smoke ? 1 : 5
    const loads: Load[] = [
      { what: '4 files of 256 MiB, S3 to S3', files: 4, bytes: 256 * MIB * scale },
      { what: '1 file of 1 GiB, S3 to S3', files: 1, bytes: 1024 * MIB * scale },
      { what: '1000 files of 100 kB, S3 to S3', files: Math.ceil(1000 * scale), bytes: 100_000 },
      { what: '4 files of 256 MiB, folder to S3', files: 4, bytes: 256 * MIB * scale, folder: true },
    ]
    const warmUp = await prepare(server, scratch, { what: '', files: 100, bytes: 1000 })
    const results: BenchResult[] = []
    for (const load of loads) results.push(...compare(load, await measure({ server, scratch, warmUp, load, rounds })))
    results.push(...(await memory(server, scratch, warmUp, smoke)))
    return { name: 'transfer', results }
  } finally {
    await server.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
}

interface Turns {
  server: S3Server
  scratch: string
  warmUp: Prepared
  load: Load
  rounds: number
}

/** Both sides take turns on the same files. */
async function measure({ server, scratch, warmUp, load, rounds }: Turns): Promise<Sides> {
  const place = await prepare(server, scratch, load)
  const sides: Sides = { ours: [], rclone: [] }
  const withRclone = spawnSync(RCLONE, ['version']).status === 0
  for (let round = 0; round < rounds; round++) {
    sides.ours.push(await ours(server, place, warmUp))
    if (withRclone) sides.rclone.push(await rclone(server, place, load))
  }
  await place.remove()
  return sides
}

function compare({ what }: Load, { ours, rclone }: Sides): BenchResult[] {
  const speed = (results: TransferResult[]) => median(results.map(({ bytes, seconds }) => bytes / MIB / seconds))
  const cpu = (results: TransferResult[]) =>
    median(results.map(({ bytes, cpuSeconds }) => (cpuSeconds * 1024 * MIB) / bytes))
  const peak = (results: TransferResult[]) => Math.max(...results.map(({ maxRssMib }) => maxRssMib))
  const rcloneSpeed = rclone.length > 0 ? speed(rclone) : undefined
  const results: BenchResult[] = [
    {
      what,
      unit: 'MiB/s',
      ours: speed(ours),
      ...(rcloneSpeed === undefined ? {} : { peers: { rclone: rcloneSpeed } }),
    },
    {
      what: `CPU per GiB, ${what}`,
      unit: 's',
      ours: cpu(ours),
      ...(rclone.length > 0 ? { peers: { rclone: cpu(rclone) } } : {}),
    },
    {
      what: `peak memory, ${what}`,
      unit: 'MiB',
      ours: peak(ours),
      ...(rclone.length > 0 ? { peers: { rclone: peak(rclone) } } : {}),
    },
  ]
  if (rcloneSpeed !== undefined) {
    const ratio = speed(ours) / rcloneSpeed
    results.push({ what: `ratio, ${what}`, unit: '×', ours: ratio, must: '≥ 0.70', aim: '≥ 0.95', meets: ratio >= 0.7 })
  }
  return results
}

/** The same, whatever the size of the file. */
async function memory(server: S3Server, scratch: string, warmUp: Prepared, smoke: boolean): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const mib of smoke ? [32, 128] : [256, 2048]) {
    const place = await prepare(server, scratch, { what: '', files: 1, bytes: mib * MIB })
    const { maxRssMib } = await ours(server, place, warmUp)
    await place.remove()
    results.push({ what: `peak memory, one file of ${mib} MiB`, unit: 'MiB', ours: maxRssMib })
  }
  return results
}

interface Prepared {
  name: string
  from: TransferSource
  /** As rclone names it. */
  remote: string
  remove(): Promise<void>
}

async function prepare(server: S3Server, scratch: string, { files, bytes, folder }: Load): Promise<Prepared> {
  const name = `m-${randomBytes(6).toString('hex')}`
  if (folder) {
    const path = join(scratch, name)
    mkdirSync(path)
    for (let i = 0; i < files; i++) await writeRandom(join(path, fileName(i)), bytes)
    const remove = async () => rmSync(path, { recursive: true })
    return { name, from: { folder: path }, remote: path, remove }
  }
  const store = await openS3ArtifactStore(server.connection(SOURCE))
  for (let i = 0; i < files; i++) await store.write(`${name}/${fileName(i)}`, randomContent(bytes))
  return {
    name,
    from: { connection: server.connection(SOURCE), location: `${SOURCE}/${name}` },
    remote: `source:${SOURCE}/${name}`,
    remove: () => store.deletePrefix(name),
  }
}

const fileName = (index: number): string => `model-${String(index).padStart(5, '0')}.safetensors`

/** Begins like weights do; the rest is unlike any other, and comes faster than from the system’s random source. */
async function* randomContent(bytes: number): AsyncIterable<Uint8Array> {
  const header = Buffer.from(`        {"t":{"dtype":"U8","shape":[${bytes}],"data_offsets":[0,${bytes}]}}`)
  header.writeBigUInt64LE(BigInt(header.length - 8))
  yield header
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16))
  const zeros = Buffer.alloc(MIB)
  for (let left = bytes - header.length; left > 0; left -= MIB)
    yield cipher.update(zeros.subarray(0, Math.min(MIB, left)))
}

async function writeRandom(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'w')
  for await (const chunk of randomContent(bytes)) await handle.write(chunk)
  await handle.close()
}

async function ours(server: S3Server, { from }: Prepared, warmUp: Prepared): Promise<TransferResult> {
  const to: S3Place = server.connection(TARGET, { prefix: 'ours' })
  const child = fork(IMPORTER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const order: TransferOrder = { warmUp: warmUp.from, from, to }
  child.send(order)
  const message = once(child, 'message')
  const [result] = (await Promise.race([message, once(child, 'exit').then(endedEarly)])) as [TransferResult]
  if (child.exitCode === null) await once(child, 'exit')
  await (await openS3ArtifactStore(to)).deletePrefix('models')
  return result
}

function endedEarly([code]: unknown[]): never {
  throw new Error(`The import ended with ${code}.`)
}

async function rclone(server: S3Server, { name, remote }: Prepared, load: Load): Promise<TransferResult> {
  const started = performance.now()
  const transfers = load.bytes < MIB ? '16' : '4'
  // Two names for one server: else it would copy on the server’s side, and no bytes would pass.
  const child = spawn(
    RCLONE,
    ['copy', remote, `target:${TARGET}/rclone/${name}`, '--transfers', transfers, ...RCLONE_TUNING],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { PATH: process.env.PATH, RCLONE_CONFIG: '', ...remoteOf('SOURCE', server), ...remoteOf('TARGET', server) },
    },
  )
  let maxRssMib = 0
  let cpu = 0
  const timer = setInterval(() => {
    maxRssMib = Math.max(maxRssMib, peakMib(child.pid ?? 0))
    cpu = Math.max(cpu, cpuSeconds([child.pid ?? 0]))
  }, 20)
  const [code] = await once(child, 'exit')
  clearInterval(timer)
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`rclone ended with ${code}.`)
  await (await openS3ArtifactStore(server.connection(TARGET))).deletePrefix('rclone')
  return { bytes: load.files * load.bytes, seconds, cpuSeconds: cpu, maxRssMib }
}

const remoteOf = (name: string, { endpoint, accessKeyId, secretAccessKey }: S3Server): Record<string, string> => ({
  [`RCLONE_CONFIG_${name}_TYPE`]: 's3',
  [`RCLONE_CONFIG_${name}_PROVIDER`]: 'Minio',
  [`RCLONE_CONFIG_${name}_ENDPOINT`]: endpoint,
  [`RCLONE_CONFIG_${name}_ACCESS_KEY_ID`]: accessKeyId,
  [`RCLONE_CONFIG_${name}_SECRET_ACCESS_KEY`]: secretAccessKey,
})

function peakMib(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
