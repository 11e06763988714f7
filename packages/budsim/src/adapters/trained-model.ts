/**
 * The committed trained model: coefficients, intervals and the record of its training in one document, each forest in a
 * file of XGBoost's own format beside it, whose digest the document states.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { failed, messageOf } from '@bud/kernel'
import { z } from 'zod'
import { TARGETS } from '../domain/physics/calibrated.ts'
import { HEADS } from '../domain/physics/heads.ts'
import { TREE_GROUPS } from '../domain/residuals/residual-forests.ts'
import type { TrainedModel } from '../domain/trained-model.ts'
import type { Forest } from '../domain/trees/forest.ts'
import { forestFromXgboostJson, forestToXgboostJson } from '../domain/trees/xgboost-json.ts'

const COMMITTED_FOLDER = join(import.meta.dirname, '../../../../data/budsim')
const DOCUMENT = 'model.json'
const FORESTS = 'forests'

const Coefficients = z.record(z.string(), z.array(z.number()))
const Bounds = z.object({ low: z.number(), high: z.number() })
const TargetBounds = z.object({ tpot: Bounds, ttft: Bounds, output: Bounds })
const Document = z.object({
  id: z.string(),
  training: z.object({ rows_sha256: z.string(), kernels_sha256: z.string(), rows: z.number().int() }),
  calibration: z.record(z.enum(HEADS), z.object({ step: Coefficients, ttft: z.array(Coefficients) })),
  intervals: z.object({
    bounds: z.record(
      z.string(),
      z.object({
        measured: TargetBounds,
        'new-engine': TargetBounds,
        'new-model': TargetBounds,
        'new-gpu': TargetBounds,
        'new-model-and-gpu': TargetBounds,
      }),
    ),
    architectures: z.array(z.string()),
    gpus: z.array(z.string()),
  }),
  seen: z.array(z.string()),
  forests: z.array(
    z.object({
      group: z.enum(TREE_GROUPS),
      target: z.enum(TARGETS),
      role: z.enum(['residual', 'raw', 'narrow']),
      file: z.string(),
      sha256: z.string(),
    }),
  ),
})

/** Throws `failed`, naming the file, when one is missing or does not parse; a forest is read at its first use. */
export function loadTrainedModel(folder: string = COMMITTED_FOLDER): TrainedModel {
  const { seen, forests, ...document } = read(join(folder, DOCUMENT), (text) => Document.parse(JSON.parse(text)))
  return {
    ...document,
    residuals: {
      seen,
      forests: forests.map(({ file, sha256, ...of }) => {
        let forest: Forest | undefined
        return {
          ...of,
          get forest() {
            forest ??= read(join(folder, FORESTS, file), (text) => forestFromXgboostJson(belonging(text, sha256)))
            return forest
          },
        }
      }),
    },
  }
}

/** Each file is replaced whole, the document last; what a save cut short leaves is refused by its digests. */
export function saveTrainedModel(model: TrainedModel, folder: string = COMMITTED_FOLDER): void {
  const {
    id,
    training,
    calibration,
    intervals,
    residuals: { seen, forests },
  } = model
  mkdirSync(join(folder, FORESTS), { recursive: true })
  const files = forests.map(({ group, target, role, forest }) => {
    const file = `${group}.${target}.${role}.json`
    const text = `${forestToXgboostJson(forest)}\n`
    writeWhole(join(folder, FORESTS, file), text)
    return { group, target, role, file, sha256: sha256Of(text) }
  })
  const document = { id, training, calibration, intervals, seen, forests: files }
  writeWhole(join(folder, DOCUMENT), `${JSON.stringify(document, null, 1)}\n`)
  const kept = new Set(files.map(({ file }) => file))
  for (const file of readdirSync(join(folder, FORESTS))) {
    if (!kept.has(file)) rmSync(join(folder, FORESTS, file))
  }
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Forests of another training than the document's would correct what they were not trained on. */
function belonging(text: string, sha256: string): string {
  if (sha256Of(text) !== sha256) throw new Error(`it is not the forest that ${DOCUMENT} was saved with`)
  return text
}

function writeWhole(path: string, text: string): void {
  const draft = `${path}.draft`
  writeFileSync(draft, text)
  renameSync(draft, path)
}

function read<T>(path: string, parse: (text: string) => T): T {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw failed(
      `The trained model's ${path} cannot be used: ${messageOf(error)}. "bud sim train --calibrate" makes it.`,
      [],
      error,
    )
  }
}
