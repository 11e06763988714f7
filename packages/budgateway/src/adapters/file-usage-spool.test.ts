import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UsageRecord } from '@bud/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileUsageSpoolOptions, openUsageSpool } from './file-usage-spool.ts'

let folder: string
let log: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bud-spool-'))
  log = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const note = (message: string) => void log.push(message)
const openSpool = (options: Partial<FileUsageSpoolOptions> = {}) =>
  openUsageSpool({ folder, maxBytes: 2 ** 20, logger: { info: note, warn: note, error: note }, ...options })

const record = (id: string): UsageRecord => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  project_id: 'project-1',
  key_id: 'key-1',
  route_id: 'route-1',
  endpoint_id: 'ep-1',
  upstream_id: 'ep-1-r1-0',
  status: 200,
  streamed: false,
  prompt_tokens: 7,
  completion_tokens: 3,
  ttft_ms: null,
  duration_ms: 1.5,
})
const stored = (spool: ReturnType<typeof openSpool>, id: string) =>
  new Promise<void>((resolve) => spool.append(record(id), resolve))

const idsOf = (batch: { json: string } | undefined): string[] =>
  batch ? JSON.parse(batch.json).map(({ id }: UsageRecord) => id) : []

async function drain(spool: ReturnType<typeof openSpool>): Promise<string[][]> {
  const batches: string[][] = []
  for (let batch = await spool.next(); batch; batch = await spool.next()) {
    batches.push(idsOf(batch))
    await batch.discard()
  }
  return batches
}

describe('file usage spool', () => {
  it('keeps what it called stored when the process ends without a word', async () => {
    const first = openSpool()
    await Promise.all([stored(first, 'a'), stored(first, 'b')])
    expect(await drain(openSpool())).toEqual([['a', 'b']])
  })

  it('hands out the same batch until it is discarded, then the next', async () => {
    const spool = openSpool({ segmentBytes: 1 })
    for (const id of ['a', 'b']) await stored(spool, id)
    expect(idsOf(await spool.next())).toEqual(['a'])
    expect(await drain(spool)).toEqual([['a'], ['b']])
    expect(spool.bytes).toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })

  it('takes records while a batch is being delivered', async () => {
    const spool = openSpool()
    await stored(spool, 'a')
    const batch = await spool.next()
    await stored(spool, 'b')
    await batch?.discard()
    expect(await drain(spool)).toEqual([['b']])
  })

  it('drops and counts what does not fit, and takes records again once there is room', async () => {
    const spool = openSpool({ maxBytes: 700 })
    for (const id of ['a', 'b', 'c', 'd']) await stored(spool, id)
    expect(spool.dropped).toBe(2)
    expect(await drain(spool)).toEqual([['a', 'b']])
    await stored(spool, 'e')
    expect(await drain(spool)).toEqual([['e']])
  })

  it('counts what an earlier process left towards its limit', async () => {
    await stored(openSpool(), 'a')
    const spool = openSpool({ maxBytes: 400 })
    await stored(spool, 'b')
    expect(spool.dropped).toBe(1)
  })

  it('skips a line that a crash cut short', async () => {
    const spool = openSpool()
    await stored(spool, 'a')
    appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), '{"id":"torn","at"')
    expect(await drain(openSpool())).toEqual([['a']])
  })

  it('leaves the segments of a living process alone', async () => {
    writeFileSync(join(folder, `usage-1-${process.ppid}-00000000.jsonl`), `${JSON.stringify(record('theirs'))}\n`)
    expect(await drain(openSpool())).toEqual([])
  })

  it('calls back and counts when the disk refuses', async () => {
    const spool = openSpool()
    rmSync(folder, { recursive: true })
    await stored(spool, 'a')
    expect(spool.dropped).toBe(1)
    expect(spool.bytes).toBe(0)
    expect(log.join()).toContain('Usage of 1 requests is lost')
  })
})
