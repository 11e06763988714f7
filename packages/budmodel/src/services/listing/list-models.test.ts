import { createGpuCatalogue } from '@bud/budsim'
import { loadMeasurements } from '@bud/budsim/adapters/measurements'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import type { Platform } from '@bud/platform'
import { eq } from '@bud/platform/drizzle'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ListModels } from '../../domain/listing/model-filter.ts'
import { insertListedModels, type ListedModel, listedModel } from '../../testing/listed-models.ts'
import { anyListed, anyQuery, createReference, type Reference } from '../../testing/reference-list.ts'
import { createTestListing, type TestListing } from '../../testing/test-listing.ts'
import { aliases, models, versions } from '../tables.ts'

const { models: known, gpus } = loadReferenceData()
const gpuCatalogue = createGpuCatalogue(gpus)
const rows = loadMeasurements().rows
const LLAMA = 'meta-llama/Llama-3.1-8B'
const factsOf = (name: string) => known.find((model) => model.name === name)?.facts ?? null

let platform: Platform
let listing: TestListing
let projects = 0
beforeAll(async () => {
  platform = await createTestPlatform()
  listing = await createTestListing(platform, {
    catalogue: known,
    measuredRows: () => rows,
    gpuTypes: (name) => gpuCatalogue.resolve(name).map(({ id }) => id),
    fits: ({ parameter_count }) => parameter_count < 20e9,
  })
})
afterAll(() => platform.close())

async function projectWith(...listed: ListedModel[]): Promise<string> {
  const project = `project-${++projects}`
  await insertListedModels(platform.database, project, listed)
  return project
}
const namesOf = async (project: string, input: Partial<ListModels>) =>
  (await listing.list(project, { origin: 'registered', ...input })).items.map(({ name }) => name)

async function walk(project: string, input: Partial<ListModels>): Promise<string[]> {
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await listing.list(project, { ...input, cursor })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return names
}

describe('a list', () => {
  it('shows a model as its shown version is', async () => {
    const project = await projectWith(
      listedModel({ name: 'ours', facts: factsOf(LLAMA), tags: ['team:search'], cardTags: ['en'], versionCount: 3 }),
    )
    const { query } = platform.database
    const [model] = await query.select().from(models).where(eq(models.project_id, project))
    await query.insert(aliases).values({
      model_id: model?.id ?? '',
      alias: 'production',
      project_id: project,
      version_id: model?.shown_version_id ?? '',
      set_by: 'Ada',
      set_at: '2026-01-01T00:00:00.000Z',
    })
    const { items, total, facets } = await listing.list(project, { origin: 'registered' })
    expect({ total, facets }).toEqual({ total: 1, facets: null })
    expect(items).toEqual([
      {
        id: model?.id,
        name: 'ours',
        origin: 'registered',
        kind: 'model',
        architecture: 'llama',
        parameter_count: 8_030_000_000,
        active_parameter_count: 8_030_000_000,
        context_length: 131_072,
        modality: 'text',
        licence: null,
        tags: ['en', 'team:search'],
        version_id: model?.shown_version_id,
        version: 3,
        version_count: 3,
        aliases: ['production'],
        state: { name: 'available', since: model?.created_at, reasons: [] },
        has_files: true,
        measured: { gpu: expect.any(String), gpu_count: expect.any(Number), output_tok_s_per_gpu: expect.any(Number) },
        created_at: model?.created_at,
      },
    ])
  })

  it('follows every change of the model and of its version by itself', async () => {
    const project = await projectWith(listedModel({ name: 'ours', facts: factsOf(LLAMA), versionCount: 2 }))
    const { query } = platform.database
    const [model] = await query.select().from(models).where(eq(models.project_id, project))
    const ofModel = eq(versions.model_id, model?.id ?? '')
    await query.update(versions).set({ state: 'archived', licence_class: 'permissive' }).where(ofModel)
    await query
      .update(models)
      .set({ tags: ['team:law.de'] })
      .where(eq(models.project_id, project))
    const found = { state: 'archived', licence_class: 'permissive', tag: 'team:law.de', search: 'law.de llama' }
    expect(await namesOf(project, found)).toEqual(['ours'])
    const [older] = await query.select().from(versions).where(ofModel).orderBy(versions.number)
    await query
      .update(models)
      .set({ shown_version_id: older?.id ?? '' })
      .where(eq(models.project_id, project))
    expect((await listing.list(project, found)).items).toMatchObject([{ version: 1 }])
    await query.delete(models).where(eq(models.project_id, project))
    expect(await namesOf(project, {})).toEqual([])
  })

  it('hides the catalogue entry whose name is registered, and no other project’s', async () => {
    const project = await projectWith(listedModel({ name: LLAMA }))
    const named = async (of: string) =>
      (await listing.list(of, { search: LLAMA, limit: 200 })).items
        .filter(({ name }) => name === LLAMA)
        .map(({ origin }) => origin)
    expect(await named(project)).toEqual(['registered'])
    expect(await named('another')).toEqual(['catalogue'])
    expect((await listing.list(project, {})).total).toBe(known.length)
  })

  it('puts the model of the very name first, then those with all words in the name', async () => {
    const project = await projectWith(
      listedModel({ name: 'acme-chat' }),
      listedModel({ name: 'other', description: 'an acme chat model' }),
      listedModel({ name: 'acme-chat-v2' }),
      listedModel({ name: 'acme', description: 'chat' }),
    )
    expect(await namesOf(project, { search: 'Acme CHAT' })).toEqual(['acme-chat', 'acme-chat-v2', 'acme', 'other'])
    expect(await namesOf(project, { search: 'acm ch', sort: 'name' })).toEqual([
      'acme',
      'acme-chat',
      'acme-chat-v2',
      'other',
    ])
  })

  it.each(["'; drop table budmodel.models; --", "o'brien", '\\', "\\' | !", '100%', '_', ':*', '<->', '((', '\u0000'])(
    'takes %j for the words that are in it, never for a command',
    async (text) => {
      const project = await projectWith(listedModel({ name: 'plain' }), listedModel({ name: "o'brien\\100%_x" }))
      const lists = {
        search: text,
        architecture: text,
        licence: text,
        tag: text,
        benchmark: text,
        measured_gpu: 'H100',
      }
      for (const [field, value] of Object.entries(lists)) {
        const outcome = await listing.list(project, { [field]: value, facets: true }).catch((error) => error)
        if (text === '\u0000' && value === text) expect(outcome).toMatchObject({ code: 'invalid-input' })
        else expect(outcome.total).toBeLessThanOrEqual(known.length + 2)
      }
      expect(await namesOf(project, {})).toHaveLength(2)
    },
  )

  it('refuses a cursor of another sort, and one that is none', async () => {
    const { next_cursor } = await listing.list('p', { sort: 'name', limit: 1 })
    const cursor = next_cursor ?? ''
    await expect(listing.list('p', { sort: 'largest', cursor })).rejects.toThrow('sorted otherwise')
    await expect(listing.list('p', { cursor: 'x' })).rejects.toMatchObject({ reasons: [{ code: 'cursor-invalid' }] })
    await expect(listing.list('p', { measured_gpu: 'H1000' })).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{ path: 'measured_gpu' }],
    })
  })
})

describe('random lists of random models', () => {
  let reference: Reference
  let project: string
  beforeAll(async () => {
    const listed = fc
      .sample(anyListed(known), { numRuns: 160, seed: 5 })
      .map((one, at) => ({ ...one, name: `${one.name}${at}` }))
    project = await projectWith(...listed)
    reference = createReference(listed, {
      entries: listing.catalogue,
      rows,
      gpus: gpuCatalogue,
      fits: ({ parameter_count }) => parameter_count < 20e9,
    })
  })

  it('hold, count and sort what a plain reading of the models gives', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery(known), async (input) => {
        const page = await listing.list(project, { ...input, limit: 200, facets: true })
        const expected = reference.list(input)
        const names = await walk(project, { ...input, limit: 61 })
        expect(names).toEqual(expected.names)
        expect(page.items.map(({ name }) => name)).toEqual(expected.names.slice(0, 200))
        expect((await listing.list(project, { ...input, limit: 1 })).total).toBe(expected.names.length)
        expect(page.total).toBe(expected.names.length)
        expect(page.facets).toEqual(expected.facets)
      }),
      { numRuns: 60, seed: 11 },
    )
  }, 120_000)
})

describe('a walk through the pages', () => {
  it.each(['newest', 'name', 'smallest', 'largest', 'context', 'speed', 'relevance'] as const)(
    'by %s shows each model that stays exactly once, while others come and go',
    async (sort) => {
      const stays = Array.from({ length: 40 }, (_, at) =>
        listedModel({ name: `stays ${String((at * 17) % 40).padStart(2, '0')}`, facts: known[at % 30]?.facts ?? null }),
      )
      const goes = Array.from({ length: 20 }, (_, at) => listedModel({ name: `goes ${at}`, facts: factsOf(LLAMA) }))
      const project = await projectWith(...stays.flatMap((one, at) => [one, ...goes.slice(at, at + 1)]))
      const input = {
        sort,
        limit: 7,
        ...(sort === 'relevance' ? { search: 'stays' } : {}),
        origin: 'registered' as const,
      }
      const names: string[] = []
      let cursor: string | undefined
      for (let turn = 0; ; turn++) {
        const page = await listing.list(project, { ...input, cursor })
        names.push(...page.items.map(({ name }) => name))
        cursor = page.next_cursor ?? undefined
        if (cursor === undefined) break
        const last = page.items.at(-1)?.name ?? ''
        const leaving = last.startsWith('goes') ? last : `goes ${turn}`
        await platform.database.query.delete(models).where(eq(models.name, leaving))
        await insertListedModels(
          platform.database,
          project,
          [listedModel({ name: `comes ${turn}`, facts: known[turn]?.facts ?? null })],
          1_800_000_000_000,
        )
      }
      const shown = names.filter((name) => name.startsWith('stays'))
      expect(shown.toSorted()).toEqual(stays.map(({ name }) => name).toSorted())
      expect(new Set(names).size).toBe(names.length)
    },
  )
})
