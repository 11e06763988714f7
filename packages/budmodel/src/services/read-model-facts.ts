/** What a model is, read from its stored files: config.json and the headers of the weights, or a GGUF's own metadata. */
import { parseModelConfig } from '@bud/budsim'
import { failed, type ModelFacts, type Reason } from '@bud/kernel'
import { type GgufFacts, ggufFacts } from '../domain/facts/gguf-facts.ts'
import { ggufModelFacts } from '../domain/facts/gguf-model-facts.ts'
import { ggufFilesOf, weightFilesOf } from '../domain/facts/required-files.ts'
import { indexedShards, isQuantised, missingShards, toWeightFacts } from '../domain/facts/weight-facts.ts'
import { readSafetensorsHeader, type Tensor } from '../domain/formats/safetensors.ts'
import type { ManifestFile } from '../domain/manifest.ts'
import type { VersionFiles } from './version-files.ts'

const INDEX_FILES = ['model.safetensors.index.json', 'pytorch_model.bin.index.json']

export interface ReadFacts {
  facts: ModelFacts
  /** Of its GGUF files; empty where the weights are others. */
  gguf: GgufFacts[]
}

/** Throws `failed` with everything that keeps the files from being a whole model. */
export async function readModelFacts(files: VersionFiles): Promise<ReadFacts> {
  const config = await files.json('config.json')
  const weights = await weightFiles(files)
  const gguf = await Promise.all(ggufFilesOf(weights).map((file) => ggufFacts(files.open(file))))
  if (config === undefined) {
    if (gguf.length === 0) throw failed('The model has no config.json.', [CONFIG_MISSING])
    return { facts: ggufModelFacts(gguf), gguf }
  }
  const isSafetensors = weights.some(({ path }) => path.endsWith('.safetensors'))
  const known = isSafetensors
    ? toWeightFacts(await readTensors(files, weights), isQuantised(config))
    : { weight_bytes: weights.reduce((sum, { bytes }) => sum + bytes, 0) }
  return { facts: parseModelConfig(config, { ...known, weight_bytes: known.weight_bytes || undefined }), gguf }
}

/** Throws `failed` with every file that is cut short. */
export async function readTensors(files: VersionFiles, weights: readonly ManifestFile[]): Promise<Tensor[]> {
  const tensors: Tensor[] = []
  const problems: Reason[] = []
  for (const file of weights) {
    const header = await readSafetensorsHeader(files.open(file))
    if (header.missing_bytes > 0) {
      const cut = header.problems.filter(({ rule }) => rule === 'safetensors-cut-short')
      problems.push(...cut.map(({ message }) => cutShort(file.path, message)))
    }
    for (const tensor of header.tensors) tensors.push(tensor)
  }
  if (problems.length > 0) throw failed(`The weight files are not complete: ${problems[0]?.message}`, problems)
  return tensors
}

/** The shards of the index where there is one, else the weight files by name. */
async function weightFiles(files: VersionFiles): Promise<ManifestFile[]> {
  const named = weightFilesOf(files.all)
  const index = INDEX_FILES.find((path) => files.find(path) !== undefined)
  if (!index) return named
  const parsed = await files.json(index)
  const missing = missingShards(parsed, new Set(files.all.map(({ path }) => path)))
  if (missing.length > 0) throw failed(`The weight files are not complete: ${missing[0]?.message}`, missing)
  const shards = indexedShards(parsed)
  return files.all.filter(({ path }) => shards.has(path))
}

const CONFIG_MISSING = { code: 'config-missing', message: 'config.json is missing.' }

const cutShort = (path: string, message: string): Reason => ({
  code: 'weights-cut-short',
  message,
  path,
  next_step: `Add the version again, with the whole of ${path}.`,
})
