import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { systemClock } from '@bud/kernel'
import type { Platform } from '@bud/platform'
import { eq } from '@bud/platform/drizzle'
import { createTestPlatform } from '@bud/platform/testing/create-test-platform'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { insertListedModels, listedModel } from '../../testing/listed-models.ts'
import { principalOf } from '../../testing/principal-of.ts'
import { createTestListing, type TestListing } from '../../testing/test-listing.ts'
import { models, versions } from '../tables.ts'
import { benchmarksOf, deleteBenchmarks, saveCardBenchmarks } from './benchmarks.ts'
import { importBenchmarks } from './import-benchmarks.ts'

const LLAMA = 'meta-llama/Llama-3.1-8B'
let platform: Platform
let listing: TestListing
let project: string
let ours: string
let count = 0
beforeAll(async () => {
  platform = await createTestPlatform()
  listing = await createTestListing(platform, { catalogue: loadReferenceData().models })
})
afterAll(() => platform.close())
beforeEach(async () => {
  project = `project-${++count}`
  const [id] = await insertListedModels(platform.database, project, [listedModel({ name: 'ours', versionCount: 2 })])
  ours = id ?? ''
})

const importText = (content: string, format: 'csv' | 'json' = 'csv') =>
  importBenchmarks({ database: platform.database, clock: systemClock }, principalOf(project), { format, content })
const scoresOf = async (id: string, versionId?: string) =>
  (await benchmarksOf(listing.context, project, id, versionId)).map(({ benchmark, metric, score, source }) => [
    benchmark,
    metric,
    score,
    source,
  ])
const idOf = (name: string) => listing.catalogue.find((entry) => entry.name === name)?.model_id ?? ''

describe('imported scores', () => {
  it('belong to registered models and catalogue entries, by name or id', async () => {
    const text = `model,benchmark,score,metric,source\nours,MMLU,71.5,acc,run 7\n${ours},GSM8K,60,,\n${LLAMA},MMLU,66.7,,`
    expect(await importText(text)).toEqual({ imported: 3, models: 2 })
    expect(await scoresOf(ours)).toEqual([
      ['gsm8k', null, 60, 'import'],
      ['mmlu', 'acc', 71.5, 'run 7'],
    ])
    expect(await scoresOf(idOf(LLAMA))).toEqual([['mmlu', null, 66.7, 'import']])
    const [first] = await benchmarksOf(listing.context, project, ours)
    expect(first).toMatchObject({ recorded_by: 'Ada', recorded_at: expect.stringMatching(/^\d{4}-.*Z$/) })
  })

  it('replace those of the same benchmark, metric and source, and stay in their project', async () => {
    await importText('model,benchmark,score,measured_at\nours,MMLU,70,2026-03-31')
    await importText(JSON.stringify([{ model: 'ours', benchmark: 'MMLU', score: 72 }]), 'json')
    expect(await scoresOf(ours)).toEqual([['mmlu', null, 72, 'import']])
    expect(await benchmarksOf(listing.context, 'elsewhere', ours)).toEqual([])
  })

  it('are refused as a whole when a model is unknown, each such name told once with its place', async () => {
    const text = 'model,benchmark,score\nours,MMLU,70\nnobody,MMLU,1\nnobody,GSM8K,1\n"no\'body\\",MMLU,2'
    await expect(importText(text)).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [
        { code: 'unknown-model', evidence: 'line 3', message: expect.stringContaining('"nobody"') },
        { code: 'unknown-model', evidence: 'line 5' },
      ],
    })
    expect(await scoresOf(ours)).toEqual([])
  })

  it('are refused when one model is given the same score by its name and by its id', async () => {
    await expect(importText(`model,benchmark,score\nours,MMLU,70\n${ours},MMLU,71`)).rejects.toMatchObject({
      reasons: [{ code: 'score-twice', evidence: 'line 3' }],
    })
  })

  it('arrive by tens of thousands', async () => {
    const lines = Array.from({ length: 6_000 }, (_, at) => `ours,task ${at},${at % 100}`)
    expect(await importText(`model,benchmark,score\n${lines.join('\n')}`)).toEqual({ imported: 6_000, models: 1 })
  })

  it('filter the list, whatever the case of the benchmark', async () => {
    await importText(`model,benchmark,score\nours,MMLU,70\n${LLAMA},MMLU,66`)
    const names = async (score_min?: number) =>
      (await listing.list(project, { benchmark: 'Mmlu', score_min })).items.map(({ name }) => name)
    expect(await names()).toEqual(['ours', LLAMA])
    expect(await names(70)).toEqual(['ours'])
    expect(await names(70.1)).toEqual([])
    const { facets } = await listing.list(project, { benchmark: 'mmlu', score_min: 70, facets: true })
    expect(facets?.benchmark).toEqual([{ value: 'mmlu', count: 2 }])
  })

  it('go with their model', async () => {
    await importText('model,benchmark,score\nours,MMLU,70')
    await deleteBenchmarks(platform.database.query, project, ours)
    expect(await scoresOf(ours)).toEqual([])
  })
})

describe('scores of model cards', () => {
  const card = (score: number) => [
    { benchmark: 'arc', metric: 'acc', config: '25-shot', score, source: 'model card' },
    { benchmark: 'hellaswag', metric: null, config: null, score, source: 'leaderboard' },
  ]

  it('belong to their version, and count while it is the one shown', async () => {
    const { query } = platform.database
    const rows = await query.select().from(versions).where(eq(versions.model_id, ours))
    const [first, second] = rows.sort((a, b) => a.number - b.number).map(({ id }) => id)
    const save = (version_id = '', score = 0) =>
      saveCardBenchmarks(query, { project_id: project, model_id: ours, version_id }, card(score), {
        by: 'Ada',
        at: '2026-01-01T00:00:00.000Z',
      })
    await save(first, 40)
    await save(second, 1)
    await save(second, 50)
    expect(await scoresOf(ours)).toEqual([
      ['arc', 'acc, 25-shot', 50, 'model card'],
      ['hellaswag', null, 50, 'leaderboard'],
    ])
    expect((await scoresOf(ours, first)).map(([, , score]) => score)).toEqual([40, 40])
    const total = async (score_min: number) => (await listing.list(project, { benchmark: 'ARC', score_min })).total
    expect([await total(45), await total(55)]).toEqual([1, 0])
    await query.update(models).set({ shown_version_id: first }).where(eq(models.id, ours))
    expect([await total(35), await total(45)]).toEqual([1, 0])
  })
})
