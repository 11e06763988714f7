/** The guide's deployment document, verbatim, with the fields that users of it would expect beside. */
import { z } from 'zod'
import { EngineName } from './common.ts'

const parallelSize = (max: number) => z.number().int().min(1).max(max)

export const EngineConfiguration = z.strictObject({
  tensor_parallel_size: parallelSize(64).default(1),
  pipeline_parallel_size: parallelSize(64).default(1),
  data_parallel_size: parallelSize(64)
    .optional()
    .describe('Expert models: replicas of the attention layers that share one set of experts. Default: 1.'),
  expert_parallel: z
    .boolean()
    .optional()
    .describe('Spread whole experts over the GPUs of a replica instead of slicing each. Default: false.'),
  quantization: z
    .enum(['fp8'])
    .optional()
    .describe('Quantise 16-bit weights while loading. Default: the precision they were published in.'),
  max_model_len: z
    .number()
    .int()
    .min(16)
    .optional()
    .describe('Longest context in tokens; default: the model’s own, as far as it fits.'),
  max_num_seqs: z.number().int().min(1).max(65_536).default(256).describe('Sequences decoded together, per replica.'),
  max_num_batched_tokens: z
    .number()
    .int()
    .min(16)
    .optional()
    .describe('Tokens per engine step; default: the engine’s.'),
  gpu_memory_utilization: z
    .number()
    .gt(0)
    .max(0.99)
    .default(0.9)
    .describe(
      'Share of each GPU’s total memory the engine may use, whatever the engine’s own flag means (0.8–0.9 leaves the advised 10–20 % headroom).',
    ),
  kv_cache_dtype: z.enum(['auto', 'fp8']).default('auto'),
  enable_prefix_caching: z.boolean().default(true),
})
export type EngineConfiguration = z.infer<typeof EngineConfiguration>

export const Deployment = z.strictObject({
  runtime: EngineName,
  runtime_version: z.string().optional().describe('Default: the newest version whose flags are known.'),
  config: EngineConfiguration.prefault({}),
  replicas: z.number().int().min(1).max(1000).default(1),
  resources: z.strictObject({
    gpu_type: z.string().describe('Catalogue id or alias, e.g. "nvidia-a100-80gb" (matches SXM and PCIe).'),
    gpu_count: z.number().int().min(1).max(512).describe('GPUs per replica.'),
  }),
})
export type Deployment = z.infer<typeof Deployment>

/** `{deployment: …}` as the guide writes it in YAML. */
export const DeploymentDocument = z.strictObject({ deployment: Deployment })
export type DeploymentDocument = z.infer<typeof DeploymentDocument>
