/** Mixture-of-experts fields under the names of the families that have them. */
import { type ConfigReader, createConfigReader } from './config-reader.ts'

export interface ExpertLayout {
  count: number
  perToken: number
  intermediate: number
  /** Width of the shared expert(s) together, in units of one routed expert. */
  shared: number
  denseLayers: number
}

const COUNT_NAMES = ['num_local_experts', 'n_routed_experts', 'num_experts', 'moe_num_experts', 'num_routed_experts']
const PER_TOKEN_NAMES = [
  'num_experts_per_tok',
  'num_experts_per_token',
  'experts_per_token',
  'moe_topk',
  'moe_k',
  'moe_top_k',
  'top_k_experts',
]
const SIZE_NAMES = ['moe_intermediate_size', 'moe_ffn_hidden_size', 'expert_ffn_hidden_size', 'expert_hidden_size']

export function readExperts(reader: ConfigReader, layers: number, hidden: number): ExpertLayout | undefined {
  const nested = reader.object('ffn_config')
  const source = nested ? createConfigReader(nested, 'ffn_config.', []) : reader
  const count = reader.count(...COUNT_NAMES) ?? source.count(...COUNT_NAMES)
  if (count === undefined || count <= 1) return undefined
  const perToken = reader.integer(...PER_TOKEN_NAMES) ?? source.integer(...PER_TOKEN_NAMES)
  if (perToken === undefined) {
    reader.problem({
      code: 'missing-config-field',
      message: `config.json states ${count} experts but not how many each token uses (looked for ${PER_TOKEN_NAMES.join(', ')}).`,
      path: 'num_experts_per_tok',
    })
  } else if (perToken > count) {
    reader.problem({
      code: 'inconsistent-config',
      message: `config.json: ${perToken} experts per token of only ${count}.`,
      path: 'num_experts_per_tok',
    })
  }
  const intermediate =
    reader.integer(...SIZE_NAMES) ??
    reader.integer('intermediate_size') ??
    source.integer('ffn_hidden_size') ??
    hidden * 4
  return {
    count,
    perToken: Math.min(perToken ?? 1, count),
    intermediate,
    shared: readShared(reader, intermediate),
    denseLayers: Math.min(readDenseLayers(reader, layers), layers),
  }
}

function readShared(reader: ConfigReader, intermediate: number): number {
  const size = reader.integer('shared_expert_intermediate_size', 'shared_intermediate_size')
  if (size !== undefined) return Math.max(Math.round(size / intermediate), 1)
  const count = reader.count('n_shared_experts', 'num_shared_experts', 'num_shared_expert', 'moe_num_shared_experts')
  if (count !== undefined) return count
  // Llama 4 has one shared expert and no field for it.
  return reader.text('model_type')?.startsWith('llama4') ? 1 : 0
}

function readDenseLayers(reader: ConfigReader, layers: number): number {
  const pattern = reader.text('hybrid_override_pattern')
  if (pattern) return layers - (pattern.split('E').length - 1)
  const kinds = reader.strings('mlp_layer_types')
  if (kinds) return kinds.filter((kind) => kind === 'dense').length
  const first = reader.count('first_k_dense_replace', 'num_dense_layers', 'moe_layer_start_index')
  const alone = reader.numbers('mlp_only_layers')?.length ?? 0
  const step = reader.integer(
    'decoder_sparse_step',
    'interleave_moe_layer_step',
    'moe_layer_freq',
    'expert_layer_period',
  )
  const start = first ?? 0
  const dense = step !== undefined && step > 1 ? layers - Math.floor((layers - start) / step) : start
  return dense + alone
}
