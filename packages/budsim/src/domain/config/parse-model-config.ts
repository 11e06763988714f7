/** A Hugging Face config.json, of any decoder family, as the facts that memory and speed depend on. */
import { type AttentionKind, invalidInput, type ModelFacts, type Reason, type WeightPrecision } from '@bud/kernel'
import { createConfigReader, isObject, type JsonObject } from './config-reader.ts'
import { readContextLength } from './context-length.ts'
import { countParameters, type ParameterCount } from './count-parameters.ts'
import { type DecoderLayout, readDecoderLayout } from './decoder-layout.ts'
import { NOT_GENERATIVE } from './families.ts'
import { readRecurrentLayout } from './recurrent-layout.ts'
import { readWeightPrecision } from './weight-precision.ts'

/** What is known from elsewhere, mostly the weight files' headers; it wins over what shapes suggest. */
export interface KnownFacts {
  weight_bytes?: number | null | undefined
  parameter_count?: number | null | undefined
  weight_precision?: WeightPrecision | null | undefined
}

/** Sub-configs that hold the language model of a multimodal checkpoint. */
const TEXT_CONFIGS = ['text_config', 'language_config', 'llm_config', 'thinker_config', 'language_model_config']

/** Throws invalid-input with every problem at once. Unknown families answer by the generic decoder algebra. */
export function parseModelConfig(config: unknown, extra: KnownFacts = {}): ModelFacts {
  if (!isObject(config)) {
    throw invalidInput('config.json is not a JSON object.', [
      { code: 'invalid-config', message: 'config.json must hold one JSON object.', path: '' },
    ])
  }
  const problems: Reason[] = []
  const { inner, prefix } = findTextConfig(config)
  const reader = createConfigReader(inner, prefix, problems)
  const modelType = textOf(inner, 'model_type') ?? textOf(config, 'model_type') ?? 'unknown'
  rejectNotGenerative(config, modelType, problems)
  const layout = readDecoderLayout(reader, modelType, config)
  checkKnownFacts(extra, problems)
  const counted = countParameters(layout, readRecurrentLayout(reader, layout.hidden))
  if (!Number.isSafeInteger(counted.total)) {
    problems.push({
      code: 'inconsistent-config',
      message: 'config.json: the sizes multiply to more parameters than any model has.',
      path: `${prefix}hidden_size`,
    })
  }
  if (problems.length > 0) {
    throw invalidInput(
      `config.json of a "${modelType}" model cannot be used: ${problems.length === 1 ? problems[0]?.message : `${problems.length} problems.`}`,
      problems,
    )
  }
  return toFacts({ config, inner, layout, counted, extra })
}

function toFacts(parts: {
  config: JsonObject
  inner: JsonObject
  layout: DecoderLayout
  counted: ParameterCount
  extra: KnownFacts
}): ModelFacts {
  const { config, inner, layout, counted, extra } = parts
  const { mix, mla, experts } = layout
  const total = extra.parameter_count ?? counted.total
  return {
    architecture: (textOf(config, 'model_type') ?? layout.modelType).toLowerCase(),
    architecture_class: architectureClass(config),
    parameter_count: total,
    active_parameter_count: Math.max(Math.round(total * (counted.active / counted.total)), 1),
    layers: layout.layers,
    hidden_size: layout.hidden,
    attention_heads: layout.heads,
    kv_heads: layout.keyValueHeads,
    head_dim: mla ? mla.nopeDim + mla.ropeDim : layout.headDim,
    intermediate_size: layout.intermediate,
    vocab_size: layout.vocabulary,
    context_length: readContextLength(inner, layout.modelType),
    attention: attentionKind(layout),
    attention_layers: Math.max(mix.fullAttention + mix.slidingAttention, 1),
    sliding_window: mix.window ?? null,
    sliding_window_layers: mix.slidingAttention,
    mla: mla ? { kv_lora_rank: mla.keyValueRank, qk_rope_head_dim: mla.ropeDim } : null,
    experts: experts
      ? {
          count: experts.count,
          per_token: experts.perToken,
          intermediate_size: experts.intermediate,
          shared: experts.shared,
          dense_layers: experts.denseLayers,
        }
      : null,
    tied_embeddings: layout.tied,
    weight_precision: extra.weight_precision ?? readWeightPrecision(config, inner),
    weight_bytes: extra.weight_bytes ?? null,
  }
}

function attentionKind({ mix, mla, heads, keyValueHeads }: DecoderLayout): AttentionKind {
  if (mix.mamba > 0) return 'hybrid-mamba'
  if (mix.linear > 0) return 'hybrid-linear'
  if (mla) return 'mla'
  if (keyValueHeads === heads) return 'mha'
  return keyValueHeads === 1 ? 'mqa' : 'gqa'
}

function findTextConfig(config: JsonObject): { inner: JsonObject; prefix: string } {
  let inner = config
  let prefix = ''
  for (;;) {
    const name = TEXT_CONFIGS.find((candidate) => isObject(inner[candidate]))
    const next = name === undefined ? undefined : inner[name]
    if (!isObject(next)) return { inner, prefix }
    inner = next
    prefix += `${name}.`
  }
}

function rejectNotGenerative(config: JsonObject, modelType: string, problems: Reason[]): void {
  const name = architectureClass(config) ?? ''
  const classifier = /For(SequenceClassification|MaskedLM|TokenClassification|QuestionAnswering|ImageClassification)$/
  if (!NOT_GENERATIVE.test(modelType.toLowerCase()) && !classifier.test(name)) return
  problems.push({
    code: 'not-generative',
    message: `"${name || modelType}" does not generate text: it has no decoder to serve.`,
    path: 'architectures',
    next_step: 'Register a causal language model.',
  })
}

function checkKnownFacts(extra: KnownFacts, problems: Reason[]): void {
  for (const field of ['weight_bytes', 'parameter_count'] as const) {
    const value = extra[field]
    if (value === undefined || value === null || (Number.isInteger(value) && value > 0)) continue
    problems.push({
      code: 'invalid-known-fact',
      message: `${field} must be a positive integer, not ${value}.`,
      path: field,
    })
  }
}

function architectureClass(config: JsonObject): string | null {
  const architectures = config.architectures
  const first = Array.isArray(architectures) ? architectures[0] : undefined
  return typeof first === 'string' ? first : null
}

function textOf(config: JsonObject, name: string): string | undefined {
  const value = config[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
