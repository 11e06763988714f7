import { BudError, ModelFacts } from '@bud/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadReferenceData } from '../../adapters/reference-data.ts'
import { readReferenceRows } from '../../testing/reference-rows.ts'
import { parseModelConfig } from './parse-model-config.ts'

const LLAMA_8B = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14_336,
  vocab_size: 128_256,
  max_position_embeddings: 131_072,
  rope_scaling: { rope_type: 'llama3', factor: 8, original_max_position_embeddings: 8192 },
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
}
const DEEPSEEK_V3 = {
  model_type: 'deepseek_v3',
  architectures: ['DeepseekV3ForCausalLM'],
  hidden_size: 7168,
  num_hidden_layers: 61,
  num_attention_heads: 128,
  num_key_value_heads: 128,
  intermediate_size: 18_432,
  vocab_size: 129_280,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 8,
  moe_intermediate_size: 2048,
  moe_layer_freq: 1,
  first_k_dense_replace: 3,
  q_lora_rank: 1536,
  kv_lora_rank: 512,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  max_position_embeddings: 163_840,
  rope_scaling: { type: 'yarn', factor: 40, original_max_position_embeddings: 4096 },
  quantization_config: { quant_method: 'fp8', fmt: 'e4m3', weight_block_size: [128, 128] },
}
const QWEN_NEXT = {
  model_type: 'qwen3_next',
  hidden_size: 2048,
  intermediate_size: 5120,
  num_hidden_layers: 48,
  num_attention_heads: 16,
  num_key_value_heads: 2,
  head_dim: 256,
  full_attention_interval: 4,
  linear_num_key_heads: 16,
  linear_num_value_heads: 32,
  linear_key_head_dim: 128,
  linear_value_head_dim: 128,
  linear_conv_kernel_dim: 4,
  decoder_sparse_step: 1,
  mlp_only_layers: [],
  num_experts: 512,
  num_experts_per_tok: 10,
  moe_intermediate_size: 512,
  shared_expert_intermediate_size: 512,
  use_sliding_window: false,
  vocab_size: 151_936,
  max_position_embeddings: 262_144,
}
const GPT_OSS_120B = {
  model_type: 'gpt_oss',
  hidden_size: 2880,
  num_hidden_layers: 36,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  head_dim: 64,
  intermediate_size: 2880,
  num_local_experts: 128,
  num_experts_per_tok: 4,
  experts_per_token: 4,
  sliding_window: 128,
  layer_types: Array.from({ length: 36 }, (_, i) => (i % 2 === 0 ? 'sliding_attention' : 'full_attention')),
  vocab_size: 201_088,
  max_position_embeddings: 131_072,
  rope_scaling: { rope_type: 'yarn', factor: 32, original_max_position_embeddings: 4096 },
  quantization_config: { quant_method: 'mxfp4', modules_to_not_convert: ['lm_head'] },
}
const MAVERICK = {
  model_type: 'llama4',
  architectures: ['Llama4ForConditionalGeneration'],
  text_config: {
    model_type: 'llama4_text',
    attention_chunk_size: 8192,
    head_dim: 128,
    hidden_size: 5120,
    interleave_moe_layer_step: 2,
    intermediate_size: 8192,
    intermediate_size_mlp: 16_384,
    max_position_embeddings: 1_048_576,
    num_attention_heads: 40,
    num_experts_per_tok: 1,
    num_hidden_layers: 48,
    num_key_value_heads: 8,
    num_local_experts: 128,
    rope_scaling: null,
    vocab_size: 202_048,
  },
  torch_dtype: 'bfloat16',
}

interface Case {
  name: string
  config: object
  billions: number
  activeBillions?: number
  facts: Partial<ModelFacts>
}

const CASES: Case[] = [
  {
    name: 'llama 3.1 8B',
    config: LLAMA_8B,
    billions: 8.03,
    facts: { attention: 'gqa', context_length: 131_072, weight_precision: 'bf16', tied_embeddings: false },
  },
  {
    name: 'deepseek v3 (latent attention, first layers dense, FP8)',
    config: DEEPSEEK_V3,
    billions: 671.03,
    activeBillions: 37.5,
    facts: {
      attention: 'mla',
      head_dim: 192,
      mla: { kv_lora_rank: 512, qk_rope_head_dim: 64 },
      weight_precision: 'fp8',
      context_length: 163_840,
      experts: { count: 256, per_token: 8, intermediate_size: 2048, shared: 1, dense_layers: 3 },
    },
  },
  {
    name: 'qwen3 next (three of four layers linear)',
    config: QWEN_NEXT,
    billions: 79.7,
    activeBillions: 3.9,
    facts: { attention: 'hybrid-linear', attention_layers: 12, sliding_window: null },
  },
  {
    name: 'gpt-oss 120b (MXFP4, alternating windows)',
    config: GPT_OSS_120B,
    billions: 116.8,
    activeBillions: 5.7,
    facts: { weight_precision: 'mxfp4', sliding_window: 128, sliding_window_layers: 18, context_length: 131_072 },
  },
  {
    name: 'llama 4 maverick (text_config, every second layer dense, chunked attention)',
    config: MAVERICK,
    billions: 397.7,
    activeBillions: 17.2,
    facts: {
      architecture: 'llama4',
      sliding_window: 8192,
      sliding_window_layers: 36,
      experts: { count: 128, per_token: 1, intermediate_size: 8192, shared: 1, dense_layers: 24 },
    },
  },
  {
    name: 'gemma 3 4B (text_config that leaves out what is default)',
    config: {
      model_type: 'gemma3',
      text_config: {
        model_type: 'gemma3_text',
        hidden_size: 2560,
        intermediate_size: 10_240,
        num_hidden_layers: 34,
        sliding_window: 1024,
        rope_scaling: { factor: 8, rope_type: 'linear' },
      },
      torch_dtype: 'bfloat16',
    },
    billions: 3.88,
    facts: {
      kv_heads: 4,
      head_dim: 256,
      sliding_window: 1024,
      sliding_window_layers: 29,
      tied_embeddings: true,
      context_length: 131_072,
    },
  },
  {
    name: 'gemma 2 9B',
    config: {
      model_type: 'gemma2',
      hidden_size: 3584,
      intermediate_size: 14_336,
      num_hidden_layers: 42,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      head_dim: 256,
      vocab_size: 256_000,
      sliding_window: 4096,
      max_position_embeddings: 8192,
    },
    billions: 9.24,
    facts: { sliding_window_layers: 21, tied_embeddings: true },
  },
  {
    name: 'nemotron-h 9B (pattern of mamba, MLP and attention blocks)',
    config: {
      model_type: 'nemotron_h',
      hidden_size: 4480,
      intermediate_size: 15_680,
      num_hidden_layers: 56,
      num_attention_heads: 40,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 131_072,
      hybrid_override_pattern: 'M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-',
      mamba_num_heads: 128,
      mamba_head_dim: 80,
      n_groups: 8,
      ssm_state_size: 128,
    },
    billions: 8.89,
    facts: { attention: 'hybrid-mamba', attention_layers: 4 },
  },
  {
    name: 'gpt2 naming',
    config: { model_type: 'gpt2', n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024, vocab_size: 50_257 },
    billions: 0.1244,
    facts: { attention: 'mha', intermediate_size: 3072, context_length: 1024 },
  },
  {
    name: 'falcon 7B (multi-query)',
    config: {
      model_type: 'falcon',
      hidden_size: 4544,
      num_hidden_layers: 32,
      num_attention_heads: 71,
      multi_query: true,
      new_decoder_architecture: false,
      vocab_size: 65_024,
    },
    billions: 6.92,
    facts: { attention: 'mqa', kv_heads: 1, context_length: null },
  },
  {
    name: 'falcon 40B (grouped heads)',
    config: {
      model_type: 'falcon',
      hidden_size: 8192,
      num_hidden_layers: 60,
      num_attention_heads: 128,
      num_kv_heads: 8,
      multi_query: true,
      new_decoder_architecture: true,
      vocab_size: 65_024,
    },
    billions: 41.3,
    facts: { attention: 'gqa', kv_heads: 8 },
  },
  {
    name: 'mpt naming',
    config: {
      model_type: 'mpt',
      d_model: 4096,
      n_layers: 32,
      n_heads: 32,
      expansion_ratio: 4,
      max_seq_len: 2048,
      vocab_size: 50_432,
      attn_config: { attn_type: 'multihead_attention' },
    },
    billions: 6.65,
    facts: { context_length: 2048, intermediate_size: 16_384 },
  },
  {
    name: 'dbrx (nested attention and expert sections)',
    config: {
      model_type: 'dbrx',
      d_model: 6144,
      n_layers: 40,
      n_heads: 48,
      max_seq_len: 32_768,
      vocab_size: 100_352,
      attn_config: { kv_n_heads: 8 },
      ffn_config: { ffn_hidden_size: 10_752, moe_num_experts: 16, moe_top_k: 4 },
    },
    billions: 131.6,
    activeBillions: 36.5,
    facts: { kv_heads: 8 },
  },
  {
    name: 'chatglm naming',
    config: {
      model_type: 'chatglm',
      hidden_size: 4096,
      num_layers: 40,
      num_attention_heads: 32,
      multi_query_attention: true,
      multi_query_group_num: 2,
      kv_channels: 128,
      ffn_hidden_size: 13_696,
      padded_vocab_size: 151_552,
      seq_length: 131_072,
    },
    billions: 9.4,
    facts: { kv_heads: 2, context_length: 131_072 },
  },
  {
    name: 'a family nobody knows, by the generic algebra',
    config: { ...LLAMA_8B, model_type: 'brandnew', architectures: ['BrandNewForCausalLM'] },
    billions: 8.03,
    facts: { architecture: 'brandnew', architecture_class: 'BrandNewForCausalLM' },
  },
]

describe('parseModelConfig', () => {
  it.each(CASES)('reads $name', ({ config, billions, activeBillions, facts }) => {
    const parsed = parseModelConfig(config)
    expect(parsed).toMatchObject(facts)
    expect(Math.abs(parsed.parameter_count / 1e9 / billions - 1)).toBeLessThan(0.01)
    if (activeBillions !== undefined) {
      expect(Math.abs(parsed.active_parameter_count / 1e9 / activeBillions - 1)).toBeLessThan(0.1)
    }
  })

  it('counts the parameters of every catalogue row that has a published count, within 0.5 %', () => {
    const rows = readReferenceRows('models.csv').filter((row) => row.param_check !== '')
    expect(rows.length).toBeGreaterThan(40)
    const wrong = rows.flatMap((row) => {
      const counted = parseModelConfig(configOf(row)).parameter_count / 1e9
      return Math.abs(counted / Number(row.param_check) - 1) < 0.005
        ? []
        : [`${row.model}: ${counted} for ${row.param_check}`]
    })
    expect(wrong).toEqual([])
  })

  it('lets the weight files win over what shapes suggest', () => {
    const facts = parseModelConfig(DEEPSEEK_V3, {
      weight_bytes: 688_586_727_753,
      parameter_count: 684_531_386_000,
      weight_precision: 'fp8',
    })
    expect(facts).toMatchObject({ weight_bytes: 688_586_727_753, parameter_count: 684_531_386_000 })
    expect(facts.active_parameter_count / facts.parameter_count).toBeCloseTo(37.5 / 671, 2)
  })

  it.each([
    [{ quantization_config: { quant_method: 'awq', bits: 4 } }, 'int4'],
    [{ quantization_config: { quant_method: 'gptq', bits: 8 } }, 'int8'],
    [{ quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true } }, 'int4'],
    [{ quantization_config: { quant_method: 'fbgemm_fp8' } }, 'fp8'],
    [{ quantization_config: { quant_method: 'modelopt', quant_algo: 'NVFP4' } }, 'fp4'],
    [
      {
        quantization_config: {
          quant_method: 'compressed-tensors',
          config_groups: { group_0: { weights: { num_bits: 8, type: 'float' } } },
        },
      },
      'fp8',
    ],
    [
      {
        quantization_config: {
          quant_method: 'compressed-tensors',
          config_groups: { group_0: { weights: { num_bits: 8, type: 'int' } } },
        },
      },
      'int8',
    ],
    [
      {
        quantization_config: { quant_method: 'compressed-tensors', format: 'nvfp4-pack-quantized', config_groups: {} },
      },
      'fp4',
    ],
    [{ torch_dtype: 'float16' }, 'fp16'],
    [{ torch_dtype: 'float32' }, 'fp32'],
    [{ torch_dtype: undefined, dtype: 'bfloat16' }, 'bf16'],
  ] as const)('reads the weight precision of %j', (fields, precision) => {
    expect(parseModelConfig({ ...LLAMA_8B, ...fields }).weight_precision).toBe(precision)
  })

  it.each([
    ['sliding windows on all layers', { sliding_window: 4096 }, { sliding_window: 4096, sliding_window_layers: 32 }],
    [
      'a window that is switched off',
      { sliding_window: 4096, use_sliding_window: false },
      { sliding_window: null, sliding_window_layers: 0 },
    ],
    [
      'yarn stretched over its original length',
      {
        max_position_embeddings: 32_768,
        rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 },
      },
      { context_length: 131_072 },
    ],
    [
      'linear rope scaling',
      { max_position_embeddings: 4096, rope_scaling: { type: 'linear', factor: 2 } },
      { context_length: 8192 },
    ],
  ] as const)('understands %s', (_, fields, facts) => {
    expect(parseModelConfig({ ...LLAMA_8B, ...fields })).toMatchObject(facts)
  })

  it('lists every problem at once, with its path', () => {
    const reasons = reasonsOf({
      model_type: 'llama',
      hidden_size: '4096',
      num_attention_heads: 32,
      num_key_value_heads: 5,
    })
    expect(reasons.map((reason) => reason.path)).toEqual(
      expect.arrayContaining([
        'hidden_size',
        'num_hidden_layers',
        'num_key_value_heads',
        'intermediate_size',
        'vocab_size',
      ]),
    )
  })

  it.each([
    ['a list', [], 'invalid-config'],
    ['null', null, 'invalid-config'],
    ['text', 'llama', 'invalid-config'],
    ['an encoder', { ...LLAMA_8B, model_type: 'bert', architectures: ['BertModel'] }, 'not-generative'],
    ['a classifier', { ...LLAMA_8B, architectures: ['LlamaForSequenceClassification'] }, 'not-generative'],
    ['experts without a number per token', { ...LLAMA_8B, num_local_experts: 8 }, 'missing-config-field'],
    ['a negative size', { ...LLAMA_8B, vocab_size: -1 }, 'invalid-config-field'],
  ])('refuses %s', (_, config, code) => {
    expect(reasonsOf(config).map((reason) => reason.code)).toContain(code)
  })
})

describe('parseModelConfig on anything', () => {
  const hostile = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        [
          ...Object.keys({ ...LLAMA_8B, ...DEEPSEEK_V3, ...QWEN_NEXT }),
          'layer_types',
          'text_config',
          'hybrid_override_pattern',
        ].map((name) => [name, fc.oneof(fc.jsonValue(), fc.integer({ min: 1, max: 300 }))]),
      ),
      { requiredKeys: [] },
    ),
    fc
      .tuple(
        fc.constantFrom(LLAMA_8B, DEEPSEEK_V3, QWEN_NEXT, GPT_OSS_120B),
        fc.dictionary(fc.constantFrom(...Object.keys({ ...LLAMA_8B, ...DEEPSEEK_V3, ...QWEN_NEXT })), fc.jsonValue()),
      )
      .map(([config, changes]) => ({ ...config, ...changes })),
  )

  it('answers with valid facts or with reasons, and never otherwise', () => {
    fc.assert(
      fc.property(hostile, (config) => {
        try {
          ModelFacts.parse(parseModelConfig(config))
        } catch (error) {
          if (!(error instanceof BudError)) throw error
          expect(error.code).toBe('invalid-input')
          expect(error.reasons.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 3000, seed: 17 },
    )
  })
})

describe('the model catalogue', () => {
  const { models } = loadReferenceData()

  it('has all 75 architectures', () => {
    expect(models).toHaveLength(75)
  })

  it('agrees with the published KV-cache bytes per token of every row', async () => {
    const { kvBytesPerTokenLayer } = await import('../model-shape.ts')
    const published = new Map(
      readReferenceRows('models.csv').map((row) => [row.model, Number(row.kv_bytes_per_token_fp16)]),
    )
    const wrong = models.flatMap(({ name, facts }) => {
      const bytes = facts.attention_layers * kvBytesPerTokenLayer(facts, 1, 2)
      return bytes === published.get(name) ? [] : [`${name}: ${bytes} for ${published.get(name)}`]
    })
    expect(wrong).toEqual([])
  })
})

function reasonsOf(config: unknown) {
  try {
    parseModelConfig(config)
  } catch (error) {
    if (error instanceof BudError) return error.reasons
  }
  throw new Error('was accepted')
}

/** A catalogue row as the config.json it was made from. */
function configOf(row: Record<string, string>): object {
  const number = (name: string) => (row[name] ? Number(row[name]) : undefined)
  return {
    model_type: { 'gpt-oss': 'gpt_oss', gemma3: 'gemma3_text' }[row.family ?? ''] ?? row.family,
    num_hidden_layers: number('layers'),
    hidden_size: number('hidden_size'),
    num_attention_heads: number('num_heads'),
    num_key_value_heads: number('num_kv_heads'),
    head_dim: number('head_dim'),
    intermediate_size: number('intermediate_size'),
    vocab_size: number('vocab_size'),
    num_local_experts: number('num_experts'),
    num_experts_per_tok: number('experts_per_token'),
    moe_intermediate_size: number('moe_intermediate_size'),
    n_shared_experts: number('shared_experts'),
  }
}
