/**
 * Usage on disk until it is delivered: append-only segments of JSON lines. Writing is one system call per turn of the
 * event loop, so it survives kill -9 and costs little under load; it does not survive the loss of power.
 *
 * Two gateways may follow each other on one folder with some overlap (the old one finishing its requests): a segment
 * belongs to the process whose id is in its name, and is adopted when that process is gone.
 */
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@bud/kernel'
import type { Logger, UsageBatch, UsageRecords, UsageSpool } from '../ports.ts'

export interface FileUsageSpoolOptions {
  folder: string
  /** Records beyond it are dropped and counted. */
  maxBytes: number
  logger: Logger
  /** A new segment, and so a batch, begins after this many bytes. */
  segmentBytes?: number
}

interface Segment {
  path: string
  bytes: number
}

const SEGMENT_NAME = /^usage-(\d+)-(\d+)-\d+\.jsonl$/

export function openUsageSpool({
  folder,
  maxBytes,
  logger,
  segmentBytes = 512 * 1024,
}: FileUsageSpoolOptions): UsageSpool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const startedMs = Date.now()
  let segments = listSegments(folder)
  let current: (Segment & { fd: number }) | undefined
  let sequence = 0
  let waiting: { line: string; onStored: () => void }[] = []
  let flushing: NodeJS.Immediate | undefined
  let bytes = sumOf(segments)
  let dropped = 0

  const openSegment = () => {
    const name = `usage-${startedMs}-${process.pid}-${String(sequence++).padStart(8, '0')}.jsonl`
    const path = join(folder, name)
    return { path, fd: openSync(path, 'a', 0o600), bytes: 0 }
  }

  const closeSegment = () => {
    if (!current) return
    closeSync(current.fd)
    segments.push({ path: current.path, bytes: current.bytes })
    current = undefined
  }

  const flush = () => {
    clearImmediate(flushing)
    flushing = undefined
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    try {
      current ??= openSegment()
      const written = writeWhole(current.fd, Buffer.from(batch.map(({ line }) => line).join('')))
      current.bytes += written
      if (current.bytes >= segmentBytes) closeSegment()
    } catch (error) {
      dropped += batch.length
      bytes -= batch.reduce((sum, { line }) => sum + line.length, 0)
      closeSegment()
      logger.error(`Usage of ${batch.length} requests is lost: cannot write to ${folder}: ${messageOf(error)}`)
    }
    for (const { onStored } of batch) onStored()
  }

  return {
    append(record, onStored) {
      const line = `${JSON.stringify(record)}\n`
      if (bytes + line.length > maxBytes) {
        dropped++
        return onStored()
      }
      bytes += line.length
      waiting.push({ line, onStored })
      flushing ??= setImmediate(flush)
    },
    async next(): Promise<UsageBatch | undefined> {
      flush()
      if (segments.length === 0) closeSegment()
      if (segments.length === 0) {
        segments = listSegments(folder)
        bytes += sumOf(segments)
      }
      const oldest = segments[0]
      if (!oldest) return undefined
      return {
        ...toRecords(await readFile(oldest.path, 'utf8')),
        discard: async () => {
          await rm(oldest.path, { force: true })
          segments = segments.filter(({ path }) => path !== oldest.path)
          bytes = Math.max(0, bytes - oldest.bytes)
        },
      }
    },
    countDropped: (records) => {
      dropped += records
    },
    get bytes() {
      return bytes
    },
    get dropped() {
      return dropped
    },
    close() {
      flush()
      closeSegment()
    },
  }
}

/** Segments left by processes that are gone, oldest first. */
function listSegments(folder: string): Segment[] {
  return readdirSync(folder)
    .filter((name) => {
      const owner = Number(SEGMENT_NAME.exec(name)?.[2])
      return Number.isInteger(owner) && (owner === process.pid || !isAlive(owner))
    })
    .sort()
    .map((name) => ({ path: join(folder, name), bytes: statSync(join(folder, name)).size }))
}

const sumOf = (segments: Segment[]) => segments.reduce((sum, segment) => sum + segment.bytes, 0)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function writeWhole(fd: number, data: Buffer): number {
  for (let at = 0; at < data.length; ) at += writeSync(fd, data, at)
  return data.length
}

/** What follows the last newline was cut short by a crash and is no record. */
function toRecords(text: string): UsageRecords {
  const lines = text.split('\n').slice(0, -1)
  return { count: lines.length, json: `[${lines.join(',')}]` }
}
