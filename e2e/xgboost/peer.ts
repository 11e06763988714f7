/** Real XGBoost behind two functions; each call is a process of its own with its arrays in a folder of its own. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TrainingData, TrainingOptions } from '../../packages/budsim/src/domain/trees/train-forest.ts'
import { python } from './install.ts'

const run = promisify(execFile)

type Features = Pick<TrainingData, 'columns' | 'feature_names'>

/** The same settings under XGBoost's names, on one thread. */
function xgboostParams(options: TrainingOptions) {
  return {
    objective: options.objective === 'squared-error' ? 'reg:squarederror' : 'reg:absoluteerror',
    tree_method: 'hist',
    max_depth: options.depth,
    eta: options.learning_rate,
    min_child_weight: options.min_child_weight,
    subsample: options.subsample,
    colsample_bytree: options.columns_per_tree,
    lambda: options.lambda,
    alpha: options.alpha ?? 0,
    max_bin: options.bins ?? 128,
    seed: options.seed,
    nthread: 1,
  }
}

/** Trains `rounds` trees more than `start` has; the model is XGBoost's JSON text. */
export function xgboostTrain(data: TrainingData, options: TrainingOptions, start?: string) {
  const { target: label, weight } = data
  return inFolder(async (folder) => {
    writeFeatures(folder, data)
    writeFileSync(join(folder, 'label'), label)
    if (weight) writeFileSync(join(folder, 'weight'), weight)
    if (start !== undefined) writeFileSync(join(folder, 'start.json'), start)
    const job = { kind: 'train', params: xgboostParams(options), rounds: options.trees }
    const answer = await ask<{ version: string; seconds: number }>(folder, data, job)
    return { ...answer, model: readFileSync(join(folder, 'model.json'), 'utf8') }
  })
}

export function xgboostPredict(model: string, data: Features) {
  return inFolder(async (folder) => {
    writeFeatures(folder, data)
    writeFileSync(join(folder, 'model.json'), model)
    const answer = await ask<{ feature_names: string[]; rounds: number }>(folder, data, { kind: 'predict' })
    const bytes = Uint8Array.from(readFileSync(join(folder, 'predictions')))
    return { ...answer, predictions: new Float32Array(bytes.buffer) }
  })
}

function writeFeatures(folder: string, { columns }: Features): void {
  writeFileSync(join(folder, 'x'), Buffer.concat(columns.map((column) => new Uint8Array(column.slice().buffer))))
}

async function ask<T>(folder: string, { feature_names }: Features, job: object): Promise<T> {
  writeFileSync(join(folder, 'job.json'), JSON.stringify({ ...job, feature_names }))
  await run(python, [join(import.meta.dirname, 'peer.py'), folder])
  return JSON.parse(readFileSync(join(folder, 'answer.json'), 'utf8')) as T
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bud-xgboost-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
