import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockDataDir } from './adapters/data-dir-lock.ts'
import { createPostgresOperations } from './adapters/postgres-operations.ts'
import { createPlatform } from './create-platform.ts'
import { HISTORY_KEPT_MS } from './domain/history.ts'
import { createTestPlatform } from './testing/create-test-platform.ts'

/** Making one takes seconds of a whole core. */
const MAKES_A_DATABASE = { timeout: 60_000 }

test('keeps operations and secrets in the data folder over a restart', MAKES_A_DATABASE, async () => {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'bud-')), 'state')
  const first = await createPlatform({ dataDir })
  const sealed = first.secrets.seal('hush')
  await first.operations.create({
    id: 'op-1',
    project_id: 'project-1',
    kind: 'deploy',
    subject_id: 'ep-1',
    created_by: 'user-1',
    steps: ['validate'],
  })
  await first.close()

  const second = await createPlatform({ dataDir })
  expect(second.secrets.open(sealed)).toBe('hush')
  expect(await second.operations.find('project-1', 'op-1')).toMatchObject({ state: 'running', kind: 'deploy' })
  await second.close()
  await rm(dataDir, { recursive: true })
})

test('makes the database anew when its very first start was interrupted', MAKES_A_DATABASE, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bud-'))
  await mkdir(join(dataDir, 'database', 'base'), { recursive: true })
  await writeFile(join(dataDir, 'database', 'PG_VERSION'), '18')
  await writeFile(join(dataDir, 'database.initialising'), '')
  const platform = await createPlatform({ dataDir })
  expect(await platform.operations.list('project-1', { limit: 1 })).toEqual([])
  await platform.close()
  expect(existsSync(join(dataDir, 'database.initialising'))).toBe(false)
  await rm(dataDir, { recursive: true })
})

test('gives the folder free when it cannot start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bud-'))
  await writeFile(join(dataDir, 'secret.key'), 'damaged')
  await expect(createPlatform({ dataDir })).rejects.toThrow(/secret.key is damaged/)
  const lock = await lockDataDir(dataDir)
  lock.release()
  await rm(dataDir, { recursive: true })
})

test('prunes what ended long ago and keeps the rest', async () => {
  const platform = await createTestPlatform()
  try {
    await platform.flows.launch()
    const longAgo = Date.now() - HISTORY_KEPT_MS - 60_000
    const { database, events } = platform
    const past = createPostgresOperations({ database, events, nowMs: () => longAgo })
    for (const [id, operations] of [
      ['op-old', past],
      ['op-new', platform.operations],
    ] as const) {
      const head = {
        id,
        project_id: 'project-1',
        kind: 'deploy',
        subject_id: 'ep-1',
        created_by: 'Ada',
        steps: ['start'],
      }
      await operations.create(head)
      await operations.finish(id, 'succeeded')
    }
    await platform.prune()
    const kept = await platform.operations.list('project-1', { limit: 10 })
    expect(kept.map(({ id }) => id)).toEqual(['op-new'])
  } finally {
    await platform.close()
  }
})
