import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadMeasurements, trainingDigests } from '../../adapters/measurements.ts'
import { loadReferenceData } from '../../adapters/reference-data.ts'
import { loadTrainedModel, saveTrainedModel } from '../../adapters/trained-model.ts'
import { TARGETS } from '../../domain/physics/calibrated.ts'
import { someTrainingInput } from '../../testing/training-rows.ts'
import { untrainedModel } from '../../testing/untrained-model.ts'
import { calibrateAndFit, refit } from './run-training.ts'

const DATA = join(import.meta.dirname, '../../../../../data')
const STALE = 'data/budsim is not what the committed rows and kernel times make: run "bud sim train --calibrate"'

describe('the committed model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bud-refit-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const filesOf = (root: string) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort()

  it('was trained with the committed rows and kernel times, as was its table of errors', () => {
    const digests = trainingDigests()
    expect(loadTrainedModel().training, STALE).toMatchObject(digests)
    const report = readFileSync(join(DATA, 'ERRORS.md'), 'utf8')
    expect(report, STALE).toContain(digests.rows_sha256.slice(0, 16))
    expect(report, STALE).toContain(digests.kernels_sha256.slice(0, 16))
  })

  it('is what training makes of them: coefficients and every forest', { timeout: 60_000 }, () => {
    const input = { rows: loadMeasurements().rows, digests: trainingDigests(), reference: loadReferenceData() }
    saveTrainedModel(refit(input, loadTrainedModel()), folder)
    const committed = join(DATA, 'budsim')
    expect(filesOf(folder), STALE).toEqual(filesOf(committed))
    const text = (root: string, name: string) => readFileSync(join(root, name), 'utf8')
    const different = filesOf(committed).filter((name) => text(folder, name) !== text(committed, name))
    expect(different, STALE).toEqual([])
  })

  it('has an interval for every head, waiting or not, wider the less was seen', () => {
    const { bounds } = loadTrainedModel().intervals
    expect(Object.keys(bounds)).toHaveLength(12)
    for (const byNovelty of Object.values(bounds)) {
      for (const target of TARGETS) {
        for (const one of Object.values(byNovelty)) {
          expect(one[target].low).toBeLessThan(0)
          expect(one[target].high).toBeGreaterThan(0)
        }
        for (const novelty of ['new-model', 'new-gpu'] as const) {
          const [both, single] = [byNovelty['new-model-and-gpu'][target], byNovelty[novelty][target]]
          expect(both.high).toBeGreaterThan(single.high)
          expect(both.low).toBeLessThan(single.low)
        }
      }
    }
  })
})

describe('training', () => {
  const input = someTrainingInput()

  it('makes the same model of the same rows, named after them, and keeps the intervals given', () => {
    const before = untrainedModel()
    const [once, again] = [refit(input, before), refit(input, before)]
    expect(again).toEqual(once)
    expect(once.id).toBe('budsim-ababab-cdcdcd')
    expect(once.intervals.bounds).toEqual(before.intervals.bounds)
    expect(once.intervals.gpus).toContain('H100-SXM-80GB')
    expect(once.training).toEqual({ ...input.digests, rows: once.training.rows })
  })

  it('with calibration makes intervals of its own and a report in Markdown with every section', () => {
    const told: string[] = []
    const { model, report } = calibrateAndFit({ ...input, onProgress: (message) => told.push(message) })
    expect(told).toHaveLength(5 + 11 + 11)
    expect(model.calibration).toEqual(refit(input, untrainedModel()).calibration)
    expect(Object.keys(model.intervals.bounds)).toHaveLength(12)
    const headings = report.split('\n').filter((line) => line.startsWith('#'))
    expect(headings).toEqual([
      '# Prediction errors',
      '## Unseen architecture',
      '## Unseen GPU',
      '## Architecture and GPU seen, row unseen (five random folds)',
      '## Unseen architecture, by model',
      '## Unseen GPU, by GPU',
      '## Decisions',
      '## Refinement',
    ])
    expect(report).toContain(`${model.training.rows} rows, sha256 \`abababababababab…\``)
    expect(report).not.toMatch(/NaN|undefined|Infinity/)
    for (const table of report.split(/\n\n+/).filter((block) => block.startsWith('|'))) {
      const cells = table
        .trim()
        .split('\n')
        .map((line) => line.split(' | ').length)
      expect(new Set(cells).size, table).toBe(1)
      expect(cells.length, table).toBeGreaterThan(2)
    }
  })
})
