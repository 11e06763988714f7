/** GGUF files as the facts that memory and speed depend on: their metadata is read as the config.json it was made from. */
import { parseModelConfig } from '@bud/budsim'
import { invalidInput, type ModelFacts, type Reason, type WeightPrecision } from '@bud/kernel'
import { dominant, type GgufFacts } from './gguf-facts.ts'
import { familyOfGguf } from './gguf-names.ts'

/**
 * `files`: all GGUF files of one folder. Throws invalid-input when they are not exactly one whole language model
 * (a projector for images and adapters may lie beside it), with every reason.
 */
export function ggufModelFacts(files: readonly GgufFacts[]): ModelFacts {
  const parts = files
    .filter(({ kind }) => kind === 'model')
    .toSorted((a, b) => (a.split?.number ?? 0) - (b.split?.number ?? 0))
  const [first] = parts
  const problems = first ? partProblems(parts) : [NO_MODEL]
  if (!first || problems.length > 0)
    throw invalidInput(problems[0]?.message ?? 'The GGUF files are no whole model.', problems)
  const bytes: Partial<Record<WeightPrecision, number>> = {}
  for (const { bytes_by_precision } of parts)
    for (const [precision, count] of Object.entries(bytes_by_precision) as [WeightPrecision, number][])
      bytes[precision] = (bytes[precision] ?? 0) + count
  const sum = (field: 'parameter_count' | 'weight_bytes') => parts.reduce((total, part) => total + part[field], 0)
  return parseModelConfig(toConfig(first, parts), {
    parameter_count: sum('parameter_count') || undefined,
    weight_bytes: sum('weight_bytes') || undefined,
    weight_precision: dominant(bytes),
  })
}

const NO_MODEL: Reason = {
  code: 'gguf-no-model',
  message: 'None of the GGUF files is a language model: they are adapters or projectors.',
  next_step: 'Add the model’s own GGUF file, then register again.',
}

function partProblems(parts: readonly GgufFacts[]): Reason[] {
  const [first] = parts
  const whole = parts.filter(({ split }) => split === null)
  if (whole.length > 1 || (whole.length === 1 && parts.length > 1)) {
    return [
      {
        code: 'gguf-several-models',
        message: `The folder holds several models as GGUF: ${parts.map(({ path }) => path).join(', ')}.`,
        next_step: 'Register a folder that holds one of them.',
      },
    ]
  }
  const count = first?.split?.count ?? 1
  const there = new Set(parts.map(({ split }) => split?.number ?? 0))
  if (parts.length > count)
    return [
      {
        code: 'gguf-several-models',
        message: `The folder holds ${parts.length} parts of a model that has ${count}.`,
        next_step: 'Register a folder that holds the parts of one model.',
      },
    ]
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => !there.has(i))
    .map((i) => ({
      code: 'shard-missing',
      message: `Part ${i + 1} of ${count} of the GGUF model is missing.`,
      next_step: `Send part ${i + 1} too, then register again.`,
    }))
}

function toConfig(facts: GgufFacts, parts: readonly GgufFacts[]): Record<string, unknown> {
  const { hyperparameters: hyper } = facts
  const { modelType, className } = familyOfGguf(facts.architecture ?? 'unknown', facts.experts !== null)
  const one = (key: string): number | undefined => {
    const value = hyper[key]
    return typeof value === 'number' && value > 0 ? value : undefined
  }
  return withoutUndefined({
    model_type: modelType,
    architectures: className ? [className] : undefined,
    hidden_size: facts.hidden_size,
    num_hidden_layers: facts.layers,
    num_attention_heads: facts.attention_heads,
    num_key_value_heads: facts.hyperparameters['attention.kv_lora_rank'] ? facts.attention_heads : facts.kv_heads,
    head_dim: one('attention.key_length'),
    intermediate_size: facts.intermediate_size,
    vocab_size: facts.vocab_size,
    max_position_embeddings: facts.context_length,
    sliding_window: one('attention.sliding_window'),
    layer_types: layerTypes(facts),
    tie_word_embeddings: parts.every(({ tied_embeddings }) => tied_embeddings),
    ...expertConfig(facts, one),
    ...latentConfig(one),
  })
}

function expertConfig({ experts }: GgufFacts, one: (key: string) => number | undefined): Record<string, unknown> {
  if (!experts) return {}
  return {
    num_experts: experts.count,
    num_experts_per_tok: experts.per_token,
    moe_intermediate_size: one('expert_feed_forward_length'),
    n_shared_experts: one('expert_shared_count'),
    first_k_dense_replace: one('leading_dense_block_count'),
  }
}

/** Multi-head latent attention: "_mla" keys are the widths before compression. */
function latentConfig(one: (key: string) => number | undefined): Record<string, unknown> {
  const rank = one('attention.kv_lora_rank')
  if (rank === undefined) return {}
  const rope = one('rope.dimension_count') ?? 64
  const key = one('attention.key_length_mla') ?? one('attention.key_length')
  return {
    kv_lora_rank: rank,
    q_lora_rank: one('attention.q_lora_rank'),
    qk_rope_head_dim: rope,
    qk_nope_head_dim: key === undefined || key <= rope ? undefined : key - rope,
    v_head_dim: one('attention.value_length_mla') ?? one('attention.value_length'),
  }
}

/** Layers without key-value heads keep a state of fixed size instead. */
function layerTypes({ hyperparameters }: GgufFacts): string[] | undefined {
  const heads = hyperparameters['attention.head_count_kv']
  if (Array.isArray(heads) && heads.includes(0)) {
    const recurrent = 'ssm.state_size' in hyperparameters ? 'mamba' : 'conv'
    return heads.map((count) => (count === 0 ? recurrent : 'full_attention'))
  }
  const pattern = hyperparameters['attention.sliding_window_pattern']
  if (Array.isArray(pattern)) return pattern.map((slides) => (slides ? 'sliding_attention' : 'full_attention'))
  return undefined
}

const withoutUndefined = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))
