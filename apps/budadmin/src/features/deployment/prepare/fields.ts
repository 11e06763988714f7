/** The form's fields over the document's paths, with the meaning each has. */

interface FieldBase {
  path: readonly string[]
  label: string
}

export type Field =
  | (FieldBase & { kind: 'number'; min: number; max?: number; step?: number; suffix?: string; optional?: string })
  | (FieldBase & { kind: 'choice'; choices: readonly string[]; fallback: string })
  | (FieldBase & { kind: 'switch'; fallback: boolean })
  | (FieldBase & { kind: 'gpu' })

export interface FieldGroup {
  title: string
  fields: readonly Field[]
}

export const fieldGroups: readonly FieldGroup[] = [
  {
    title: 'Hardware',
    fields: [
      { kind: 'gpu', path: ['resources', 'gpu_type'], label: 'GPU type' },
      {
        kind: 'number',
        path: ['resources', 'gpu_count'],
        label: 'GPUs per replica',

        min: 1,
        max: 512,
      },
      { kind: 'number', path: ['replicas'], label: 'Replicas', min: 1, max: 1000 },
    ],
  },
  {
    title: 'Parallelism',
    fields: [
      {
        kind: 'choice',
        path: ['runtime'],
        label: 'Engine',
        choices: ['vllm', 'sglang', 'tensorrt-llm'],
        fallback: 'vllm',
      },
      { kind: 'number', path: ['config', 'tensor_parallel_size'], label: 'Tensor parallel, TP', min: 1, max: 64 },
      { kind: 'number', path: ['config', 'pipeline_parallel_size'], label: 'Pipeline parallel, PP', min: 1, max: 64 },
    ],
  },
  {
    title: 'Batching',
    fields: [
      {
        kind: 'number',
        path: ['config', 'max_num_seqs'],
        label: 'Max sequences',
        suffix: ' per replica',
        min: 1,
        max: 65_536,
      },
      {
        kind: 'number',
        path: ['config', 'max_num_batched_tokens'],
        label: 'Batch size',
        suffix: ' tokens a step',
        min: 16,
        optional: 'engine default',
      },
      {
        kind: 'number',
        path: ['config', 'max_model_len'],
        label: 'Longest context',
        suffix: ' tokens',
        min: 16,
        optional: 'as the model',
      },
    ],
  },
  {
    title: 'Memory',
    fields: [
      {
        kind: 'number',
        path: ['config', 'gpu_memory_utilization'],
        label: 'GPU memory share',
        min: 0.01,
        max: 0.99,
        step: 0.01,
      },
      {
        kind: 'choice',
        path: ['config', 'kv_cache_dtype'],
        label: 'KV cache',
        choices: ['auto', 'fp8'],
        fallback: 'auto',
      },
      { kind: 'switch', path: ['config', 'enable_prefix_caching'], label: 'Prefix caching', fallback: true },
    ],
  },
]

/** Values the document leaves out stand in the form as what will be used. */
export const fieldDefaults: Record<string, number> = {
  replicas: 1,
  'config.tensor_parallel_size': 1,
  'config.pipeline_parallel_size': 1,
  'config.max_num_seqs': 256,
  'config.gpu_memory_utilization': 0.9,
}
