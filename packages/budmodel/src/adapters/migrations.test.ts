/** A registry of the first release, with models in it, opens in this one with nothing lost. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Platform } from '@bud/platform'
import { sql } from '@bud/platform/drizzle'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrateModels } from '../create-models.ts'
import { principalOf } from '../testing/principal-of.ts'
import { createTestModels, type TestModels } from '../testing/test-models.ts'

const FOLDER = fileURLToPath(new URL('./migrations', import.meta.url))
const AT = '2026-01-02T03:04:05.000Z'

let platform: Platform
let registry: TestModels
beforeAll(async () => {
  platform = await createTestPlatform()
  await migrateToFirst(platform)
  await fill(platform)
  await migrateModels(platform)
  registry = await createTestModels(platform)
})
afterAll(async () => {
  await registry.remove()
  await platform.close()
})

async function migrateToFirst({ migrate }: Platform): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bud-migrations-'))
  await cp(FOLDER, folder, { recursive: true })
  const file = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }))
  await migrate('budmodel', folder)
  await rm(folder, { recursive: true })
}

async function fill({ database }: Platform): Promise<void> {
  const report = {
    verdict: 'clean',
    started_at: AT,
    ended_at: AT,
    scanners: [{ name: 'formats', version: '1' }],
    files: [{ path: 'config.json', format: 'config', bytes: 10, bytes_covered: 10 }],
    findings: [
      {
        path: 'config.json',
        scanner: 'formats',
        severity: 'warn',
        rule: 'custom-code',
        message: 'm',
        offset: null,
        evidence: null,
      },
    ],
  }
  const run = (statement: ReturnType<typeof sql>) => database.query.execute(statement)
  for (const [number, scan] of [
    ['1', JSON.stringify(report)],
    ['2', null],
  ] as const) {
    const state = scan === null ? 'failed' : 'available'
    await run(sql`insert into budmodel.models (id, project_id, name, source_path, registered_by, created_at)
      values (${`model-${number}`}, 'project-old', ${`team/old-${number}`}, 's3://models/old', 'Ada', ${AT})`)
    await run(sql`insert into budmodel.versions (id, project_id, model_id, number, state, state_since, operation_id, claims, architecture, scan, digest)
      values (${`mver-${number}`}, 'project-old', ${`model-${number}`}, 1, ${state}, ${AT}, 'op-1', '{}', 'llama', ${scan}::jsonb, ${scan === null ? null : 'd'})`)
  }
  await run(sql`insert into budmodel.files (version_id, project_id, path, bytes, sha256)
    values ('mver-1', 'project-old', 'config.json', 10, 'abc')`)
  await run(sql`insert into budmodel.uploads (id, project_id, created_by, created_at, model_id)
    values ('upload-1', 'project-old', 'user', ${AT}, 'model-2')`)
}

describe('a registry of the first release', () => {
  it('keeps its models, files and reports', async () => {
    const owner = principalOf('project-old')
    const model = await registry.models.get(owner, 'team/old-1')
    expect(model).toMatchObject({
      version: 1,
      version_count: 1,
      state: { name: 'available', since: AT },
      source_path: 's3://models/old',
      registered_by: 'Ada',
      digest: 'd',
      file_count: 1,
      total_bytes: 10,
      files: [{ path: 'config.json', format: 'config', scanned: [] }],
      scan: { verdict: 'clean', file_count: 1, bytes_covered: 10, findings: [{ rule: 'custom-code', action: 'warn' }] },
    })
    expect(await registry.models.get(owner, 'team/old-2')).toMatchObject({ state: { name: 'failed' }, scan: null })
  })

  it('is found by search and listed', async () => {
    const found = await registry.models.list(principalOf('project-old'), { search: 'OLD team', limit: 10 })
    expect(found.items.map(({ name }) => name)).toEqual(['team/old-2', 'team/old-1'])
  })

  it('has its models scanned by the rules of now', async () => {
    expect(await registry.models.rescanStale()).toBe(1)
  })
})
