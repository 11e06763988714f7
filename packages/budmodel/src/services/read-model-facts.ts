/** What a model is, read from its stored files: config.json and the headers of the weights. */
import { parseModelConfig } from '@bud/budsim'
import { failed, type ModelFacts, messageOf, type Reason } from '@bud/kernel'
import { weightFilesOf } from '../domain/facts/required-files.ts'
import { indexedShards, isQuantised, missingShards, toWeightFacts } from '../domain/facts/weight-facts.ts'
import type { RangedFile } from '../domain/formats/ranged-file.ts'
import { readSafetensorsHeader, type Tensor } from '../domain/formats/safetensors.ts'
import type { ManifestFile } from '../domain/manifest.ts'
import { fileKey } from '../domain/store-keys.ts'
import type { Context, VersionRef } from './context.ts'
import { rangedFileOf } from './stored-file.ts'

const MAX_JSON_BYTES = 64 * 1024 * 1024
const INDEX_FILES = ['model.safetensors.index.json', 'pytorch_model.bin.index.json']

/** Throws `failed` with everything that keeps the files from being a whole model. */
export async function readModelFacts(
  { store }: Context,
  ref: VersionRef,
  files: readonly ManifestFile[],
): Promise<ModelFacts> {
  const open = (file: ManifestFile) => rangedFileOf(store, fileKey(ref.model_id, ref.version_id, file.path), file)
  const find = (path: string) => files.find((file) => file.path === path)
  const config = find('config.json')
  if (!config)
    throw failed('The model has no config.json.', [{ code: 'config-missing', message: 'config.json is missing.' }])
  const parsedConfig = await readJson(open(config))
  const weights = await weightFiles(files, open, find)
  const problems: Reason[] = []
  const tensors: Tensor[] = []
  const isSafetensors = weights.some(({ path }) => path.endsWith('.safetensors'))
  for (const file of isSafetensors ? weights : []) {
    const header = await readSafetensorsHeader(open(file))
    if (header.missing_bytes > 0)
      problems.push(
        ...header.problems
          .filter(({ rule }) => rule === 'safetensors-cut-short')
          .map(({ message }) => cutShort(file.path, message)),
      )
    tensors.push(...header.tensors)
  }
  if (problems.length > 0) throw failed(`The weight files are not complete: ${problems[0]?.message}`, problems)
  const known = isSafetensors
    ? toWeightFacts(tensors, isQuantised(parsedConfig))
    : { weight_bytes: weights.reduce((sum, { bytes }) => sum + bytes, 0) }
  return parseModelConfig(parsedConfig, { ...known, weight_bytes: known.weight_bytes || undefined })
}

/** The shards of the index where there is one, else the weight files by name. */
async function weightFiles(
  files: readonly ManifestFile[],
  open: (file: ManifestFile) => RangedFile,
  find: (path: string) => ManifestFile | undefined,
): Promise<ManifestFile[]> {
  const named = weightFilesOf(files)
  const index = INDEX_FILES.map(find).find((file) => file !== undefined)
  if (!index) return named
  const parsed = await readJson(open(index))
  const missing = missingShards(parsed, new Set(files.map(({ path }) => path)))
  if (missing.length > 0) throw failed(`The weight files are not complete: ${missing[0]?.message}`, missing)
  const shards = indexedShards(parsed)
  return files.filter(({ path }) => shards.has(path))
}

async function readJson(file: RangedFile): Promise<unknown> {
  try {
    if (file.bytes > MAX_JSON_BYTES) throw new Error(`it has ${file.bytes} bytes`)
    return JSON.parse(Buffer.from(await file.read(0, file.bytes)).toString('utf8'))
  } catch (error) {
    throw failed(`${file.path} cannot be read as JSON: ${messageOf(error)}`, [
      {
        code: 'json-invalid',
        message: `${file.path} cannot be read as JSON: ${messageOf(error)}`,
        path: file.path,
        next_step: `Send a valid ${file.path}: delete this model and register it again.`,
      },
    ])
  }
}

const cutShort = (path: string, message: string): Reason => ({
  code: 'weights-cut-short',
  message,
  path,
  next_step: `Send ${path} again: delete this model and register it with the whole file.`,
})
