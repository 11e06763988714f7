/** Rows of data/gpus.csv and data/models.csv as the vocabulary's types. */
import { type AttentionKind, GpuSpec, ModelFacts, type WeightPrecision } from '@bud/kernel'

type Row = Readonly<Record<string, string>>

export interface CatalogueModel {
  name: string
  facts: ModelFacts
  source: string
}

export function toGpuSpec(row: Row): GpuSpec {
  return GpuSpec.parse({
    id: row.gpu,
    vendor: row.vendor,
    architecture: row.arch,
    memory_gb: numberOf(row.mem_gb),
    memory_bandwidth_gb_s: numberOf(row.mem_bw_gb_s),
    bf16_tflops: numberOf(row.bf16_tflops_dense),
    fp8_tflops: numberOf(row.fp8_tflops_dense),
    fp4_tflops: numberOf(row.fp4_tflops_dense),
    int8_tops: numberOf(row.int8_tops_dense),
    interconnect: row.interconnect || null,
    scale_up_bandwidth_gb_s: numberOf(row.scale_up_bw_gb_s_unidirectional_per_gpu),
    scale_up_domain_gpus: numberOf(row.scale_up_domain_gpus) ?? 1,
    pcie_bandwidth_gb_s: numberOf(row.pcie_gb_s_unidirectional),
    tdp_w: numberOf(row.tdp_w),
  })
}

export function toCatalogueModel(row: Row): CatalogueModel {
  const name = row.model ?? ''
  const attention = row.attention ?? ''
  const layers = numberOf(row.layers) ?? 0
  const experts = numberOf(row.num_experts)
  const window = numberOf(row.sliding_window)
  const rank = numberOf(row.kv_lora_rank)
  const attentionLayers = attentionLayersOf(attention, layers)
  const facts = ModelFacts.parse({
    architecture: row.family,
    architecture_class: null,
    parameter_count: billions(row.params_b),
    active_parameter_count: billions(row.active_params_b),
    layers,
    hidden_size: numberOf(row.hidden_size),
    attention_heads: numberOf(row.num_heads),
    kv_heads: numberOf(row.num_kv_heads),
    head_dim: numberOf(row.head_dim),
    intermediate_size: numberOf(row.intermediate_size) ?? 0,
    vocab_size: numberOf(row.vocab_size),
    context_length: numberOf(row.context_length),
    attention: attentionKindOf(attention),
    attention_layers: attentionLayers,
    sliding_window: window,
    sliding_window_layers: window === null ? 0 : Math.round(attentionLayers * slidingShareOf(attention)),
    mla: rank === null ? null : { kv_lora_rank: rank, qk_rope_head_dim: numberOf(row.qk_rope_head_dim) ?? 64 },
    experts:
      experts === null
        ? null
        : {
            count: experts,
            per_token: numberOf(row.experts_per_token),
            intermediate_size: numberOf(row.moe_intermediate_size),
            shared: numberOf(row.shared_experts) ?? 0,
            dense_layers: Number.parseInt(row.dense_layers || '0', 10),
          },
    tied_embeddings: TIED.has(row.family ?? ''),
    weight_precision: precisionOf(name, row.family ?? ''),
    weight_bytes: null,
  })
  return { name, facts, source: row.source ?? '' }
}

/** Families of models.csv whose output head is the embedding. */
const TIED = new Set(['gemma3', 'mpt', 'bloom', 'opt', 'gpt-bigcode'])
/** Families released in one low-bit format whatever the name says. */
const RELEASED_IN: Readonly<Record<string, WeightPrecision>> = {
  'gpt-oss': 'mxfp4',
  'deepseek-v3': 'fp8',
  'deepseek-v3.2': 'fp8',
  'minimax-m2': 'fp8',
}

function precisionOf(name: string, family: string): WeightPrecision {
  if (name.includes('Kimi')) return 'int4'
  return name.endsWith('-FP8') ? 'fp8' : (RELEASED_IN[family] ?? 'bf16')
}

function attentionKindOf(text: string): AttentionKind {
  if (text.includes('mamba')) return 'hybrid-mamba'
  if (text.includes('deltanet')) return 'hybrid-linear'
  if (text.includes('mla')) return 'mla'
  if (text.includes('gqa')) return 'gqa'
  return text.includes('mqa') ? 'mqa' : 'mha'
}

/** "1/4 full gqa" and "4 attention layers" say how many keep a growing cache; an encoder-decoder caches self and cross attention. */
function attentionLayersOf(text: string, layers: number): number {
  const share = /(\d+)\/(\d+) full/.exec(text)
  if (share) return Math.round((layers * Number(share[1])) / Number(share[2]))
  const stated = /(\d+) attention layers/.exec(text)
  return stated ? Number(stated[1]) : layers
}

function slidingShareOf(text: string): number {
  if (text.includes('alternate')) return 1 / 2
  const share = /(\d+)\/(\d+) sliding|chunked local (\d+)\/(\d+)/.exec(text)
  if (!share) return 1
  return Number(share[1] ?? share[3]) / Number(share[2] ?? share[4])
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

const billions = (text: string | undefined): number => Math.round((numberOf(text) ?? 0) * 1e9)
