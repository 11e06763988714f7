/** What every `Database` guarantees, whether its pool has one connection or many. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../drizzle.ts'
import type { Database } from '../ports.ts'

export interface OpenedDatabase {
  database: Database
  close(): Promise<void>
}

export function describeDatabase(name: string, open: () => Promise<OpenedDatabase>): void {
  describe(`${name} as a database`, () => {
    let opened: OpenedDatabase
    let database: Database

    beforeAll(async () => {
      opened = await open()
      database = opened.database
      await database.query.execute(sql`create schema contract`)
      await database.query.execute(sql`create table contract.counters (name text primary key, value integer not null)`)
    })
    afterAll(() => opened.close())

    const insert = (name: string, value: number) => sql`insert into contract.counters values (${name}, ${value})`
    const counter = async (name: string) =>
      (await database.query.execute(sql`select value from contract.counters where name = ${name}`)).rows[0]?.value

    test('keeps what a transaction wrote when its body resolves', async () => {
      const result = await database.transact(async (tx) => {
        await tx.execute(insert('kept', 1))
        return 'done'
      })
      expect(result).toBe('done')
      expect(await counter('kept')).toBe(1)
    })

    test('keeps nothing when its body rejects, and passes the error on', async () => {
      const error = new Error('changed my mind')
      const attempt = database.transact(async (tx) => {
        await tx.execute(insert('dropped', 1))
        throw error
      })
      await expect(attempt).rejects.toBe(error)
      expect(await counter('dropped')).toBeUndefined()
    })

    test('refuses a statement beside the transaction instead of waiting for ever', async () => {
      const attempt = database.transact(() => database.query.execute(sql`select 1`))
      await expect(attempt).rejects.toThrow(/inside an open transaction/)
    })

    test('refuses a transaction inside a transaction', async () => {
      await expect(database.transact(() => database.transact(async () => {}))).rejects.toThrow(/open transaction/)
    })

    test('lets work that outlives its transaction use the database', async () => {
      const release = Promise.withResolvers<void>()
      let later: Promise<unknown> | undefined
      await database.transact(async () => {
        later = release.promise.then(() => database.query.execute(sql`select 1 as one`))
      })
      release.resolve()
      expect(await later).toMatchObject({ rows: [{ one: 1 }] })
    })

    test('keeps transactions that run side by side apart', async () => {
      await database.query.execute(insert('shared', 0))
      const add = () =>
        database.transact(async (tx) => {
          const read = await tx.execute(sql`select value from contract.counters where name = 'shared' for update`)
          const value = Number(read.rows[0]?.value) + 1
          await tx.execute(sql`update contract.counters set value = ${value} where name = 'shared'`)
        })
      await Promise.all(Array.from({ length: 20 }, add))
      expect(await counter('shared')).toBe(20)
    })

    test('says which constraint was violated', async () => {
      await database.query.execute(insert('once', 1))
      const again = await database.query.execute(insert('once', 1)).catch((error) => error)
      expect(again.cause).toMatchObject({ code: '23505', constraint: 'counters_pkey' })
      expect(await counter('once')).toBe(1)
    })

    test('carries a large value both ways', async () => {
      const text = 'köln→'.repeat(200_000)
      const { rows } = await database.query.execute(sql`select ${text}::text as text`)
      expect(rows[0]?.text).toBe(text)
    })
  })
}
