import type { Platform } from '@bud/platform'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import type { CleanedWhere } from 'better-auth/adapters'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authTables, user } from '../services/tables.ts'
import { DrizzleAuthAdapter } from './drizzle-auth-adapter.ts'

const clause = (field: string, operator: CleanedWhere['operator'], value: CleanedWhere['value']): CleanedWhere => ({
  field,
  operator,
  value,
  connector: 'AND',
  mode: 'sensitive',
})

describe('better-auth’s storage', () => {
  let platform: Platform
  let adapter: DrizzleAuthAdapter
  beforeAll(async () => {
    platform = await createTestPlatform()
    await platform.migrate('access', new URL('./migrations', import.meta.url))
    adapter = new DrizzleAuthAdapter(platform.database.query, authTables)
    const people = ['ada', 'bob', 'cy_d'].map((name, index) => ({
      id: name,
      name,
      email: `${name}@example.org`,
      image: index === 0 ? 'a.png' : null,
      createdAt: new Date(index * 1000),
    }))
    await platform.database.query.insert(user).values(people)
  })
  afterAll(() => platform.close())

  const idsOf = async (where: CleanedWhere[]) =>
    (
      await adapter.findMany<{ id: string }>({
        model: 'user',
        where,
        limit: 10,
        sortBy: { field: 'createdAt', direction: 'desc' },
      })
    ).map(({ id }) => id)

  test.each([
    ['equal', [clause('name', 'eq', 'ada')], ['ada']],
    ['equal in any case', [{ ...clause('name', 'eq', 'ADA'), mode: 'insensitive' as const }], ['ada']],
    ['different', [clause('name', 'ne', 'ada')], ['cy_d', 'bob']],
    ['different in any case', [{ ...clause('name', 'ne', 'ADA'), mode: 'insensitive' as const }], ['cy_d', 'bob']],
    ['missing', [clause('image', 'eq', null)], ['cy_d', 'bob']],
    ['present', [clause('image', 'ne', null)], ['ada']],
    ['before', [clause('createdAt', 'lt', new Date(1000))], ['ada']],
    ['until', [clause('createdAt', 'lte', new Date(1000))], ['bob', 'ada']],
    ['after', [clause('createdAt', 'gt', new Date(1000))], ['cy_d']],
    ['since', [clause('createdAt', 'gte', new Date(1000))], ['cy_d', 'bob']],
    ['one of', [clause('name', 'in', ['ada', 'bob'])], ['bob', 'ada']],
    ['none of', [clause('name', 'not_in', ['ada', 'bob'])], ['cy_d']],
    ['containing a wildcard character', [clause('name', 'contains', '_')], ['cy_d']],
    ['starting with', [clause('name', 'starts_with', 'a')], ['ada']],
    ['ending with', [clause('email', 'ends_with', 'b@example.org')], ['bob']],
    ['both', [clause('name', 'starts_with', 'a'), clause('image', 'eq', null)], []],
    [
      'either',
      (['ada', 'bob'] as const).map((name) => ({ ...clause('name', 'eq', name), connector: 'OR' as const })),
      ['bob', 'ada'],
    ],
  ])('finds what is %s', async (_, where, expected) => {
    expect(await idsOf(where)).toEqual(expected)
  })

  test('changes and removes at most one row where one is asked for', async () => {
    const model = 'member'
    const all = [clause('role', 'eq', 'member')]
    const project = { id: 'p', name: 'p', slug: 'p' }
    await adapter.create({ model: 'organization', data: project })
    for (const userId of ['ada', 'bob']) {
      await adapter.create({ model, data: { id: userId, organizationId: 'p', userId, role: 'member' } })
    }
    expect(await adapter.consumeOne({ model, where: all })).toMatchObject({ role: 'member' })
    expect(await adapter.count({ model, where: all })).toBe(1)
    expect(await adapter.update({ model, where: all, update: { role: 'admin' } })).toMatchObject({ role: 'admin' })
    expect(await adapter.update({ model, where: all, update: { role: 'owner' } })).toBeNull()
    expect(await adapter.updateMany({ model, where: [], update: { role: 'member' } })).toBe(1)
    expect(await adapter.deleteMany({ model, where: all })).toBe(1)
    expect(await adapter.consumeOne({ model, where: all })).toBeNull()
  })

  test('says which table or field better-auth wants and we lack', async () => {
    await expect(adapter.findOne({ model: 'passkey', where: [] })).rejects.toThrow(/the table "passkey"/)
    await expect(idsOf([clause('phone', 'eq', '1')])).rejects.toThrow(/the field "phone"/)
  })
})
