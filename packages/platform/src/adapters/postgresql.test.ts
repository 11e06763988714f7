import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeDatabase } from '../testing/database.contract.ts'
import { describeFlowRunner } from '../testing/flow-runner.contract.ts'
import { describeIdempotency } from '../testing/idempotency.contract.ts'
import { preparePostgresqlStores, type Store } from '../testing/open-store.ts'
import { findPostgresPrograms, type PostgresServer, startPostgresServer } from '../testing/postgres-server.ts'
import { openPostgresqlPool } from './postgresql-pool.ts'

const programs = findPostgresPrograms()
if (!programs) console.log('Skipped: no PostgreSQL in /usr/lib/postgresql (Debian: apt install postgresql).')

describe.skipIf(!programs)('a PostgreSQL server', () => {
  let server: PostgresServer
  let openStore: () => Promise<Store>
  beforeAll(async () => {
    server = await startPostgresServer(programs ?? '')
    openStore = await preparePostgresqlStores(server.url)
  })
  afterAll(() => server?.stop())

  describeDatabase('PostgreSQL', () => openStore())
  describeFlowRunner('DBOS on PostgreSQL', () => openStore())
  describeIdempotency('PostgreSQL', () => openStore())
})

test('a server that does not answer is named, without the password', async () => {
  const error = await openPostgresqlPool('postgres://bud:hush@127.0.0.1:1/foundry').catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'unavailable', retryable: true })
  expect(error.message).toContain('127.0.0.1:1/foundry')
  expect(error.message).not.toContain('hush')
})
