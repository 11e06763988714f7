import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FEATURES } from '../domain/residuals/features.ts'
import type { TrainedModel } from '../domain/trained-model.ts'
import { createSeededRandom } from '../domain/trees/seeded-random.ts'
import { trainForest } from '../domain/trees/train-forest.ts'
import { untrainedModel } from '../testing/untrained-model.ts'
import { loadTrainedModel, saveTrainedModel } from './trained-model.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bud-model-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function forestOf(seed: number) {
  const random = createSeededRandom(seed)
  const columns = FEATURES.map(() => Float64Array.from({ length: 60 }, () => random()))
  return trainForest(
    { columns, feature_names: FEATURES, target: Float64Array.from({ length: 60 }, () => random()) },
    {
      ...{ objective: 'absolute-error', trees: 4, depth: 3, learning_rate: 0.1, min_child_weight: 1 },
      ...{ subsample: 1, columns_per_tree: 1, lambda: 1, bins: 64, seed },
    },
  )
}

const modelOf = (seed: number, roles: readonly ('residual' | 'raw')[] = ['residual', 'raw']): TrainedModel => ({
  ...untrainedModel(),
  id: `model-${seed}`,
  residuals: {
    seen: ['32|4096|0|H100-SXM-80GB|vllm'],
    forests: roles.map((role, i) => ({ group: 'rated', target: 'tpot', role, forest: forestOf(seed * 10 + i) })),
  },
  training: { rows_sha256: 'a1', kernels_sha256: 'b2', rows: seed },
})
const forestFiles = () => readdirSync(join(folder, 'forests'))

/** As a plain value: forests are read at their first use. */
const read = (): TrainedModel => {
  const model = loadTrainedModel(folder)
  const forests = model.residuals.forests.map((one) => ({ ...one, forest: { ...one.forest } }))
  return { ...model, residuals: { ...model.residuals, forests } }
}

describe('a trained model in files', () => {
  it('is read as it was saved', () => {
    const model = modelOf(1)
    saveTrainedModel(model, folder)
    expect(read()).toEqual(model)
  })

  it('is saved the same twice, byte by byte', () => {
    const texts = () => ['model.json', ...forestFiles().map((name) => `forests/${name}`)].map((name) => text(name))
    const text = (name: string) => readFileSync(join(folder, name), 'utf8')
    saveTrainedModel(modelOf(1), folder)
    const first = texts()
    saveTrainedModel(read(), folder)
    expect(texts()).toEqual(first)
  })

  it('leaves no forest of the model before', () => {
    saveTrainedModel(modelOf(1), folder)
    saveTrainedModel(modelOf(2, ['residual']), folder)
    expect(forestFiles()).toEqual(['rated.tpot.residual.json'])
    expect(read()).toEqual(modelOf(2, ['residual']))
  })

  it('is refused when a save was cut short: its document and forests are of two trainings', () => {
    saveTrainedModel(modelOf(1), folder)
    const document = readFileSync(join(folder, 'model.json'))
    saveTrainedModel(modelOf(2), folder)
    writeFileSync(join(folder, 'model.json'), document)
    expect(read).toThrow(/forests\/rated\.tpot\.residual\.json cannot be used: .*model\.json was saved with/)
  })

  it('does not need a draft that a save cut short left behind, and takes it away at the next', () => {
    saveTrainedModel(modelOf(1), folder)
    writeFileSync(join(folder, 'forests/rated.tpot.residual.json.draft'), '{"learner":')
    writeFileSync(join(folder, 'model.json.draft'), '{"id":')
    expect(read()).toEqual(modelOf(1))
    saveTrainedModel(modelOf(1), folder)
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.draft'))).toEqual([])
  })

  it.each([
    ['model.json', '{"id": "x"}'],
    ['model.json', '{"id": '],
    ['forests/rated.tpot.raw.json', '{}'],
  ])('is refused by the name of a malformed file: %s with %s', (name, text) => {
    saveTrainedModel(modelOf(1), folder)
    writeFileSync(join(folder, name), text)
    expect(read).toThrow(join(folder, name))
    expect(read).toThrow('bud sim train --calibrate')
  })

  it('says which file is missing', () => {
    expect(read).toThrow(join(folder, 'model.json'))
    saveTrainedModel(modelOf(1), folder)
    rmSync(join(folder, 'forests/rated.tpot.raw.json'))
    expect(read).toThrow(join(folder, 'forests/rated.tpot.raw.json'))
  })
})
