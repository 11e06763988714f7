/** What config.json says about each part of a decoder, family names resolved: the input of counting and of the facts. */
import { type ConfigReader, createConfigReader, type JsonObject } from './config-reader.ts'
import { type ExpertLayout, readExperts } from './expert-layout.ts'
import { type Family, familyOf } from './families.ts'
import { type LayerMix, readLayerMix } from './layer-mix.ts'

export interface MlaLayout {
  queryRank: number | undefined
  keyValueRank: number
  nopeDim: number
  ropeDim: number
  valueDim: number
  /** Sparse-attention indexer: heads × width, 0 without one. */
  indexHeads: number
  indexDim: number
}

export interface DecoderLayout {
  modelType: string
  family: Family
  layers: number
  encoderLayers: number
  hidden: number
  heads: number
  keyValueHeads: number
  headDim: number
  intermediate: number
  vocabulary: number
  /** Rows of a learned position table; 0 without one. */
  positionRows: number
  mlpMatrices: 2 | 3
  tied: boolean
  mix: LayerMix
  mla: MlaLayout | undefined
  experts: ExpertLayout | undefined
}

/** `outer` is the whole config.json where the language model is a part of it. */
export function readDecoderLayout(reader: ConfigReader, modelType: string, outer: JsonObject): DecoderLayout {
  const family = familyOf(modelType)
  const fallback = (name: string) => family.defaults?.[name]
  const hidden = reader.required('hidden size', ['hidden_size', 'n_embd', 'd_model', 'dim'])
  const layers = readLayers(reader, family)
  const heads = reader.required(
    'number of attention heads',
    ['num_attention_heads', 'n_head', 'n_heads', 'num_heads', 'attention_heads'],
    fallback('num_attention_heads'),
  )
  const headDim =
    reader.integer('head_dim', 'attention_head_dim', 'kv_channels', 'd_kv') ??
    fallback('head_dim') ??
    wholeHeadDim(reader, hidden, heads)
  return {
    modelType,
    family,
    layers,
    encoderLayers: family.encoderDecoder ? (reader.integer('num_layers', 'encoder_layers') ?? layers) : 0,
    hidden,
    heads,
    keyValueHeads: readKeyValueHeads(reader, family, heads),
    headDim,
    intermediate: readIntermediate(reader, family, hidden),
    vocabulary: reader.required(
      'vocabulary size',
      ['vocab_size', 'padded_vocab_size', 'n_vocab'],
      fallback('vocab_size'),
    ),
    positionRows: family.learnedPositions
      ? (reader.integer('n_positions', 'max_position_embeddings', 'n_ctx') ?? 0)
      : 0,
    mlpMatrices: readMlpMatrices(reader, family),
    tied: reader.flag('tie_word_embeddings') ?? outerFlag(outer, 'tie_word_embeddings') ?? family.tied ?? false,
    mix: readLayerMix(reader, family, layers),
    mla: readMla(reader, headDim),
    experts: readExperts(reader, layers, hidden),
  }
}

/** Deeper than any model: such a number is a mistake, and loops over layers must end. */
const MOST_LAYERS = 10_000

function readLayers(reader: ConfigReader, family: Family): number {
  const names = family.encoderDecoder
    ? ['num_decoder_layers', 'num_layers', 'decoder_layers']
    : ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers']
  const layers = reader.required('number of layers', names)
  if (layers <= MOST_LAYERS) return layers
  reader.problem({
    code: 'inconsistent-config',
    message: `config.json: ${layers} layers are more than any model has.`,
    path: names[0],
  })
  return MOST_LAYERS
}

function readMlpMatrices(reader: ConfigReader, family: Family): 2 | 3 {
  const projection = reader.text('feed_forward_proj')
  if (projection) return projection.startsWith('gated') ? 3 : 2
  if (family.encoderDecoder) return reader.flag('is_gated_act') ? 3 : 2
  return family.plainMlp ? 2 : 3
}

function wholeHeadDim(reader: ConfigReader, hidden: number, heads: number): number {
  if (reader.has('kv_lora_rank') || hidden % heads === 0) return Math.max(Math.floor(hidden / heads), 1)
  reader.problem({
    code: 'inconsistent-config',
    message: `config.json: hidden size ${hidden} is not a multiple of ${heads} attention heads, and no head_dim is stated.`,
    path: 'num_attention_heads',
  })
  return 1
}

function readKeyValueHeads(reader: ConfigReader, family: Family, heads: number): number {
  const nested = subReader(reader, 'attn_config')
  const stated =
    reader.integer('num_key_value_heads', 'num_kv_heads', 'n_head_kv', 'multi_query_group_num', 'num_query_groups') ??
    nested?.integer('kv_n_heads')
  const newFalcon = reader.flag('new_decoder_architecture') === true
  const multiQuery = reader.flag('multi_query') ?? family.multiQuery ?? false
  const value =
    multiQuery && !newFalcon && !reader.has('multi_query_group_num')
      ? 1
      : (stated ?? family.defaults?.num_key_value_heads ?? heads)
  if (heads % value !== 0 && !reader.has('kv_lora_rank')) {
    reader.problem({
      code: 'inconsistent-config',
      message: `config.json: ${heads} attention heads cannot share ${value} key-value heads evenly.`,
      path: 'num_key_value_heads',
    })
  }
  return value
}

function readIntermediate(reader: ConfigReader, family: Family, hidden: number): number {
  const nested = subReader(reader, 'ffn_config')
  const stated =
    reader.count(
      'intermediate_size_mlp',
      'intermediate_size',
      'n_inner',
      'ffn_hidden_size',
      'ffn_dim',
      'd_ff',
      'inner_dim',
    ) ?? nested?.integer('ffn_hidden_size')
  if (stated !== undefined) return stated
  const ratio = reader.integer('expansion_ratio', 'mlp_ratio') ?? family.mlpRatio
  if (ratio !== undefined) return ratio * hidden
  if (reader.has('moe_intermediate_size')) return 0
  return reader.required('feed-forward size', ['intermediate_size'])
}

function readMla(reader: ConfigReader, headDim: number): MlaLayout | undefined {
  const keyValueRank = reader.integer('kv_lora_rank')
  if (keyValueRank === undefined) return undefined
  return {
    queryRank: reader.integer('q_lora_rank'),
    keyValueRank,
    nopeDim: reader.integer('qk_nope_head_dim') ?? headDim,
    ropeDim: reader.integer('qk_rope_head_dim') ?? 64,
    valueDim: reader.integer('v_head_dim') ?? headDim,
    indexHeads: reader.count('index_n_heads') ?? 0,
    indexDim: reader.count('index_head_dim') ?? 0,
  }
}

function subReader(reader: ConfigReader, name: string): ConfigReader | undefined {
  const object: JsonObject | undefined = reader.object(name)
  return object && createConfigReader(object, `${name}.`, [])
}

const outerFlag = (outer: JsonObject, name: string): boolean | undefined => {
  const value = outer[name]
  return typeof value === 'boolean' ? value : undefined
}
