import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Platform } from '../create-platform.ts'
import { sql } from '../drizzle.ts'
import { createTestPlatform } from '../testing/create-test-platform.ts'

describe('migrations', () => {
  let platform: Platform
  let folder: string
  beforeAll(async () => {
    platform = await createTestPlatform()
  })
  afterAll(() => platform.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bud-migrations-'))
    return () => rm(folder, { recursive: true })
  })

  const write = async (statements: string[]) => {
    await mkdir(join(folder, 'meta'), { recursive: true })
    const entries = statements.map((_, idx) => ({
      idx,
      version: '7',
      when: 1000 + idx,
      tag: `000${idx}_x`,
      breakpoints: true,
    }))
    await writeFile(
      join(folder, 'meta', '_journal.json'),
      JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
    )
    await Promise.all(statements.map((text, idx) => writeFile(join(folder, `000${idx}_x.sql`), text)))
  }
  const rowsOf = async (table: string) =>
    (await platform.database.query.execute(sql.raw(`select * from ${table}`))).rows

  test('are applied once, and new ones later', async () => {
    await write(['create schema one', 'create table one.things (name text)'])
    await platform.migrate('one', folder)
    await platform.migrate('one', folder)
    await write(['create schema one', 'create table one.things (name text)', "insert into one.things values ('third')"])
    await platform.migrate('one', folder)
    expect(await rowsOf('one.things')).toEqual([{ name: 'third' }])
  })

  test('of a newer version than the code are refused, saying what to do', async () => {
    await write(['create schema two', 'create table two.things (name text)'])
    await platform.migrate('two', folder)
    await write(['create schema two'])
    await expect(platform.migrate('two', folder)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/"two" tables were written by a newer version .* Start that version/),
      reasons: [{ code: 'database-newer-than-code' }],
    })
  })

  test('that fail leave nothing of themselves', async () => {
    await write(['create schema three', 'create table three.things (name text)', 'select nonsense'])
    await expect(platform.migrate('three', folder)).rejects.toThrow()
    await expect(rowsOf('three.things')).rejects.toThrow()
    await write(['create schema three', 'create table three.things (name text)'])
    await platform.migrate('three', folder)
    expect(await rowsOf('three.things')).toEqual([])
  })
})
