/** What a list is asked for, read from the query of a request: every problem at once. */
import { type ErrorReason, invalidInput, ModelVersionStateName } from '@bud/kernel'
import { MODALITIES, type ModelModality } from './modality.ts'
import { searchTerms, toQueryLiteral } from './search-terms.ts'
import { SIZE_CLASS_NAMES, type SizeClassName } from './sizes.ts'

export type ModelSort = 'relevance' | 'newest' | 'name' | 'smallest' | 'largest' | 'context' | 'speed'

/** Lists are one value, or several separated by commas. */
export interface ListModels {
  search?: string | undefined
  origin?: 'catalogue' | 'registered' | undefined
  kind?: 'model' | 'adapter' | undefined
  /** Prefixes: "qwen" finds qwen2 and qwen3. */
  architecture?: string | undefined
  size?: string | undefined
  parameters_min?: number | undefined
  parameters_max?: number | undefined
  active_parameters_min?: number | undefined
  active_parameters_max?: number | undefined
  context_min?: number | undefined
  licence?: string | undefined
  licence_class?: string | undefined
  modality?: string | undefined
  state?: string | undefined
  /** All of them. */
  tag?: string | undefined
  fits_cluster?: string | undefined
  measured_gpu?: string | undefined
  output_tok_s_per_gpu_min?: number | undefined
  ttft_ms_max?: number | undefined
  benchmark?: string | undefined
  score_min?: number | undefined
  sort?: ModelSort | undefined
  facets?: boolean | undefined
  limit: number
  cursor?: string | undefined
}

/** Lists in lower case but for tags, which are as they are; undefined: any. */
export interface ModelFilter {
  /** A `tsquery` literal, and the words it asks for. */
  search: { query: string; words: string[] } | undefined
  origin: 'catalogue' | 'registered' | undefined
  kind: 'model' | 'adapter' | undefined
  architecture: string[] | undefined
  size: SizeClassName[] | undefined
  licence: string[] | undefined
  licence_class: string[] | undefined
  modality: ModelModality[] | undefined
  state: string[] | undefined
  tags: string[] | undefined
  benchmark: { name: string; score_min: number | undefined } | undefined
  measured: MeasuredLimits | undefined
  fits_cluster: string | undefined
  ranges: Ranges
}

export interface MeasuredLimits {
  gpu?: string | undefined
  output_tok_s_per_gpu_min?: number | undefined
  ttft_ms_max?: number | undefined
}

type Ranges = Pick<
  ListModels,
  'parameters_min' | 'parameters_max' | 'active_parameters_min' | 'active_parameters_max' | 'context_min'
>

const LICENCE_CLASSES = ['permissive', 'conditional', 'non-commercial', 'unknown'] as const

export function parseModelFilter(input: ListModels): ModelFilter {
  const problems = textsOf(input)
    .filter(([, value]) => value.includes('\0'))
    .map(([field]) => zeroByte(field))
  const oneOf = <T extends string>(field: string, text: string | undefined, known: readonly T[]): T[] | undefined => {
    const values = several(text)
    const unknown = values?.filter((value) => !known.some((name) => name === value)) ?? []
    if (unknown.length > 0) problems.push(unknownValues(field, unknown, known))
    return values && known.filter((name) => values.includes(name))
  }
  const query = toQueryLiteral(input.search)
  const { measured_gpu: gpu, output_tok_s_per_gpu_min, ttft_ms_max, benchmark, score_min } = input
  if (score_min !== undefined && benchmark === undefined) problems.push(SCORE_OF_WHAT)
  const filter: ModelFilter = {
    search: query === undefined ? undefined : { query, words: searchTerms(input.search) },
    origin: input.origin,
    kind: input.kind,
    architecture: several(input.architecture),
    size: oneOf('size', input.size, SIZE_CLASS_NAMES),
    licence: several(input.licence),
    licence_class: oneOf('licence_class', input.licence_class, LICENCE_CLASSES),
    modality: oneOf('modality', input.modality, MODALITIES),
    state: oneOf('state', input.state, ModelVersionStateName.options),
    tags: several(input.tag, (tag) => tag),
    benchmark: benchmark === undefined ? undefined : { name: benchmark, score_min },
    measured:
      gpu === undefined && output_tok_s_per_gpu_min === undefined && ttft_ms_max === undefined
        ? undefined
        : { gpu, output_tok_s_per_gpu_min, ttft_ms_max },
    fits_cluster: input.fits_cluster,
    ranges: input,
  }
  if (problems.length > 0) throw invalidInput('The list cannot be filtered like this.', problems)
  return filter
}

const textsOf = (input: ListModels): [string, string][] =>
  Object.entries(input).filter((field): field is [string, string] => typeof field[1] === 'string')

/** Undefined for nothing named. */
function several(
  text: string | undefined,
  normalise = (value: string): string => value.toLowerCase(),
): string[] | undefined {
  const values = (text ?? '')
    .split(',')
    .map((value) => normalise(value.trim()))
    .filter((value) => value !== '')
  return values.length === 0 ? undefined : [...new Set(values)]
}

const zeroByte = (path: string): ErrorReason => ({
  code: 'invalid-text',
  message: `${path} holds a zero byte.`,
  path,
})

const unknownValues = (path: string, values: readonly string[], known: readonly string[]): ErrorReason => ({
  code: 'unknown-value',
  message: `${path} knows no ${values.map((value) => JSON.stringify(value)).join(', ')}.`,
  path,
  next_step: `Use one, or several separated by commas, of: ${known.join(', ')}.`,
})

const SCORE_OF_WHAT: ErrorReason = {
  code: 'benchmark-missing',
  message: 'score_min needs the benchmark whose score it is.',
  path: 'score_min',
  next_step: 'Give benchmark, e.g. benchmark=MMLU.',
}
