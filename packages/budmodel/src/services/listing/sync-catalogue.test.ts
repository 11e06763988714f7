import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import type { Platform } from '@bud/platform'
import { sql } from '@bud/platform/drizzle'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toCatalogue } from '../../domain/listing/catalogue.ts'
import { createTestListing, type TestListing } from '../../testing/test-listing.ts'
import { catalogueModels } from '../tables.ts'
import { catalogueSummaryOf, syncCatalogue } from './sync-catalogue.ts'

const known = loadReferenceData().models
let platform: Platform
let listing: TestListing
beforeAll(async () => {
  platform = await createTestPlatform()
  listing = await createTestListing(platform, { catalogue: known })
})
afterAll(() => platform.close())

const rowVersions = async () => {
  const { rows } = await platform.database.query.execute<{ name: string; at: string }>(
    sql`select name, xmin || ' ' || ctid as at from ${catalogueModels} order by name`,
  )
  return new Map(rows.map(({ name, at }) => [name, at]))
}

describe('the catalogue in the database', () => {
  it('is listed as it was read', async () => {
    const { items } = await listing.list('p', { origin: 'catalogue', limit: 200 })
    expect(items).toEqual(listing.catalogue.map((entry) => catalogueSummaryOf(listing.context, entry)))
    expect(items).toHaveLength(known.length)
  })

  it('is not written again when nothing has changed', async () => {
    const before = await rowVersions()
    await listing.sync()
    expect(await rowVersions()).toEqual(before)
  })

  it('follows what changes, comes and goes', async () => {
    const before = await rowVersions()
    const [gone, changed, ...same] = known
    if (!gone || !changed) throw new Error('an empty catalogue')
    const licence = {
      licence: { id: 'MIT', name: 'MIT License', class: 'permissive' as const, conditions: [], url: null },
      source: 'catalogue' as const,
      evidence: 'its card',
      from: null,
    }
    const cards = new Map([[changed.name, { licence, modality: 'text' as const, sources: ['Licence: its card.'] }]])
    const next = toCatalogue([changed, ...same, { ...gone, name: 'new/model' }], cards)
    await syncCatalogue(platform, next)
    const after = await rowVersions()
    expect([...after.keys()].filter((name) => !before.has(name))).toEqual(['new/model'])
    expect([...before.keys()].filter((name) => !after.has(name))).toEqual([gone.name])
    expect([...after].filter(([name, at]) => before.has(name) && before.get(name) !== at)).toEqual([
      [changed.name, expect.anything()],
    ])
    expect((await listing.list('p', { licence: 'mit' })).items).toMatchObject([
      { name: changed.name, licence: { id: 'MIT', name: 'MIT License', class: 'permissive' } },
    ])
    await syncCatalogue(platform, [])
    expect((await listing.list('p', {})).total).toBe(0)
    await listing.sync()
  })
})
