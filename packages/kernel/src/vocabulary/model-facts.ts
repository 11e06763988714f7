import { z } from 'zod'

export const AttentionKind = z.enum(['mha', 'gqa', 'mqa', 'mla', 'hybrid-linear', 'hybrid-mamba'])
export type AttentionKind = z.infer<typeof AttentionKind>

export const WeightPrecision = z.enum(['fp32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4', 'mxfp4'])
export type WeightPrecision = z.infer<typeof WeightPrecision>

/** What a model is, as far as memory and speed depend on it: read from config.json and the weight files' headers. */
export const ModelFacts = z.object({
  architecture: z.string().describe('Family in lower case, e.g. "llama" (config.json: model_type).'),
  architecture_class: z.string().nullable().describe('e.g. "LlamaForCausalLM" (config.json: architectures[0]).'),
  parameter_count: z.number().int().positive(),
  active_parameter_count: z.number().int().positive().describe('Parameters used per token; differs for experts.'),
  layers: z.number().int().positive(),
  hidden_size: z.number().int().positive(),
  attention_heads: z.number().int().positive(),
  kv_heads: z.number().int().positive(),
  head_dim: z.number().int().positive(),
  intermediate_size: z.number().int().nonnegative(),
  vocab_size: z.number().int().positive(),
  context_length: z.number().int().positive().nullable(),
  attention: AttentionKind,
  attention_layers: z.number().int().positive().describe('Layers that keep a KV cache growing with the context.'),
  sliding_window: z.number().int().positive().nullable(),
  sliding_window_layers: z.number().int().nonnegative(),
  mla: z.object({ kv_lora_rank: z.number().int(), qk_rope_head_dim: z.number().int() }).nullable(),
  experts: z
    .object({
      count: z.number().int().positive(),
      per_token: z.number().int().positive(),
      intermediate_size: z.number().int().positive(),
      shared: z.number().int().nonnegative(),
      dense_layers: z.number().int().nonnegative(),
    })
    .nullable(),
  tied_embeddings: z.boolean(),
  weight_precision: WeightPrecision,
  weight_bytes: z.number().int().positive().nullable().describe('Bytes of the weight files; null without files.'),
})
export type ModelFacts = z.infer<typeof ModelFacts>
