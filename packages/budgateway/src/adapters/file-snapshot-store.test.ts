import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RouteSnapshot } from '@bud/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFileSnapshotStore } from './file-snapshot-store.ts'

let folder: string
let log: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bud-snapshot-'))
  log = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const openStore = () => {
  const note = (message: string) => void log.push(message)
  return createFileSnapshotStore(join(folder, 'snapshot.json'), { info: note, warn: note, error: note })
}
const snapshot: RouteSnapshot = { version: 4, created_at: '2026-01-01T00:00:00.000Z', routes: [], keys: [] }

describe('file snapshot store', () => {
  it('gives back what was saved last, and leaves no other file', async () => {
    await openStore().save(snapshot)
    await openStore().save({ ...snapshot, version: 5 })
    expect(await openStore().load()).toEqual({ ...snapshot, version: 5 })
    expect(readdirSync(folder)).toEqual(['snapshot.json'])
  })

  it('has none at first, without a complaint', async () => {
    expect(await openStore().load()).toBeUndefined()
    expect(log).toEqual([])
  })

  it.each(['', '{"version":', '{"version":1}'])('says so and goes on without when the file holds %s', async (text) => {
    writeFileSync(join(folder, 'snapshot.json'), text)
    expect(await openStore().load()).toBeUndefined()
    expect(log[0]).toContain('cannot be used')
  })
})
