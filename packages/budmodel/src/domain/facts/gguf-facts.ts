/** What a GGUF file says about its model: all that config.json and safetensors headers say of others. */
import { invalidInput, type Reason, type WeightPrecision } from '@bud/kernel'
import { type GgufFile, type GgufValue, readGguf, readGgufText } from '../formats/gguf.ts'
import { ggmlTypes } from '../formats/gguf-types.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { ggufFileTypes } from './gguf-names.ts'

export interface GgufFacts {
  path: string
  /** general.type: "model", "adapter", "mmproj", … */
  kind: string
  /** llama.cpp's name, e.g. "qwen2moe". Null in the later parts of a split model. */
  architecture: string | null
  name: string | null
  licence: string | null
  licence_link: string | null
  base_models: { name: string | null; organization: string | null; repo_url: string | null }[]
  /** e.g. "Q4_K_M"; the type of most bytes where the file does not say. */
  quantisation: string | null
  weight_precision: WeightPrecision | null
  bytes_by_precision: Partial<Record<WeightPrecision, number>>
  parameter_count: number
  weight_bytes: number
  context_length: number | null
  layers: number | null
  hidden_size: number | null
  attention_heads: number | null
  kv_heads: number | null
  head_dim: number | null
  intermediate_size: number | null
  vocab_size: number | null
  experts: { count: number; per_token: number } | null
  tied_embeddings: boolean
  tokenizer: string | null
  chat_template: string | null
  /** Part `number` (from 0) of `count`, where the model is split over files. */
  split: { number: number; count: number } | null
  /** All numbers and short lists of numbers under "<architecture>.", by what follows. */
  hyperparameters: Record<string, number | number[]>
}

const MAX_TEMPLATE_BYTES = 1024 * 1024
const MAX_BASE_MODELS = 100

/** Reads the metadata and the table of tensors. Throws invalid-input when the file is not a sound GGUF. */
export async function ggufFacts(file: RangedFile): Promise<GgufFacts> {
  const gguf = await readGguf(file)
  const problems = problemsOf(file, gguf)
  if (problems.length > 0) throw invalidInput(problems[0]?.message ?? `${file.path} cannot be read.`, problems)
  const values = gguf.values
  const text = (key: string) => textOf(values.get(key))
  const architecture = text('general.architecture')
  const hyperparameters = hyperparametersOf(values, architecture)
  const number = (key: string) => largest(hyperparameters[key])
  const experts = number('expert_count')
  const heads = number('attention.head_count')
  const hidden = number('embedding_length')
  const weights = weigh(gguf)
  return {
    path: file.path,
    kind: text('general.type') ?? 'model',
    architecture,
    name: text('general.name'),
    licence: text('general.license'),
    licence_link: text('general.license.link'),
    base_models: baseModels(values),
    quantisation: ggufFileTypes[numberOf(values.get('general.file_type')) ?? -1] ?? weights.dominantType,
    weight_precision: dominant(weights.bytes_by_precision),
    bytes_by_precision: weights.bytes_by_precision,
    parameter_count: weights.parameter_count,
    weight_bytes: weights.weight_bytes,
    context_length: number('context_length'),
    layers: number('block_count'),
    hidden_size: hidden,
    attention_heads: heads,
    kv_heads: number('attention.head_count_kv') ?? heads,
    head_dim: number('attention.key_length') ?? (hidden && heads ? Math.floor(hidden / heads) : null),
    intermediate_size: number('feed_forward_length'),
    vocab_size: number('vocab_size') ?? vocabularyOf(gguf),
    experts: experts ? { count: experts, per_token: number('expert_used_count') ?? 1 } : null,
    tied_embeddings: !gguf.tensors.some(({ name }) => name === 'output.weight'),
    tokenizer: text('tokenizer.ggml.model'),
    chat_template: (await readGgufText(file, values.get('tokenizer.chat_template'), MAX_TEMPLATE_BYTES)) ?? null,
    split: splitOf(values),
    hyperparameters,
  }
}

function problemsOf(file: RangedFile, gguf: GgufFile): Reason[] {
  const next_step = `Send ${file.path} again as it was published.`
  const reasons = gguf.problems.map(({ rule, message }) => ({
    code: rule,
    message: `${file.path} has ${message}.`,
    path: file.path,
    next_step,
  }))
  if (gguf.notUnderstood === undefined) return reasons
  const message = `${file.path} ${gguf.notUnderstood}.`
  return [...reasons, { code: 'gguf-not-understood', message, path: file.path, next_step }]
}

function hyperparametersOf(
  values: ReadonlyMap<string, GgufValue>,
  architecture: string | null,
): Record<string, number | number[]> {
  const found: Record<string, number | number[]> = {}
  const prefix = `${architecture ?? ''}.`
  for (const [key, value] of values) {
    if (architecture === null || !key.startsWith(prefix)) continue
    if (value.kind === 'number') found[key.slice(prefix.length)] = value.value
    else if (value.kind === 'list' && value.numbers) found[key.slice(prefix.length)] = value.numbers
  }
  return found
}

function weigh(gguf: GgufFile): Pick<GgufFacts, 'parameter_count' | 'weight_bytes' | 'bytes_by_precision'> & {
  dominantType: string | null
} {
  const bytes_by_precision: Partial<Record<WeightPrecision, number>> = {}
  const bytesOfType = new Map<string, number>()
  let parameter_count = 0
  let weight_bytes = 0
  for (const { type, elements, bytes = 0 } of gguf.tensors) {
    const format = ggmlTypes.get(type)
    weight_bytes += bytes
    if (!format?.precision) continue
    parameter_count += elements
    bytes_by_precision[format.precision] = (bytes_by_precision[format.precision] ?? 0) + bytes
    bytesOfType.set(format.name, (bytesOfType.get(format.name) ?? 0) + bytes)
  }
  const [most] = [...bytesOfType].toSorted((a, b) => b[1] - a[1])
  return { parameter_count, weight_bytes, bytes_by_precision, dominantType: most?.[0] ?? null }
}

/** The precision that holds most bytes. */
export function dominant(bytes: Partial<Record<WeightPrecision, number>>): WeightPrecision | null {
  const [most] = Object.entries(bytes).toSorted((a, b) => b[1] - a[1])
  return (most?.[0] as WeightPrecision | undefined) ?? null
}

function vocabularyOf({ values, tensors }: GgufFile): number | null {
  const tokens = values.get('tokenizer.ggml.tokens')
  if (tokens?.kind === 'list') return tokens.count
  return tensors.find(({ name }) => name === 'token_embd.weight')?.shape[1] ?? null
}

function baseModels(values: ReadonlyMap<string, GgufValue>): GgufFacts['base_models'] {
  const count = Math.min(numberOf(values.get('general.base_model.count')) ?? 0, MAX_BASE_MODELS)
  return Array.from({ length: Math.max(0, Math.floor(count)) }, (_, i) => {
    const field = (name: string) => textOf(values.get(`general.base_model.${i}.${name}`))
    return { name: field('name'), organization: field('organization'), repo_url: field('repo_url') }
  })
}

function splitOf(values: ReadonlyMap<string, GgufValue>): GgufFacts['split'] {
  const count = numberOf(values.get('split.count'))
  return count !== null && count > 1 ? { number: numberOf(values.get('split.no')) ?? 0, count } : null
}

/** Per-layer lists answer their largest. */
function largest(value: number | number[] | undefined): number | null {
  if (value === undefined) return null
  const number = Array.isArray(value) ? Math.max(0, ...value) : value
  return Number.isSafeInteger(number) && number > 0 ? number : null
}

const textOf = (value: GgufValue | undefined): string | null =>
  value?.kind === 'text' && value.value !== undefined && value.value !== '' ? value.value : null
const numberOf = (value: GgufValue | undefined): number | null =>
  value?.kind === 'number' && Number.isFinite(value.value) ? value.value : null
