/** A model for tests: what Llama 3.1 8B is, as the registry would say it. */
import { Deployment, type ModelFacts } from '@bud/kernel'

export const LLAMA_8B: ModelFacts = {
  architecture: 'llama',
  architecture_class: 'LlamaForCausalLM',
  parameter_count: 8_030_261_248,
  active_parameter_count: 8_030_261_248,
  layers: 32,
  hidden_size: 4096,
  attention_heads: 32,
  kv_heads: 8,
  head_dim: 128,
  intermediate_size: 14_336,
  vocab_size: 128_256,
  context_length: 131_072,
  attention: 'gqa',
  attention_layers: 32,
  sliding_window: null,
  sliding_window_layers: 0,
  mla: null,
  experts: null,
  tied_embeddings: false,
  weight_precision: 'bf16',
  weight_bytes: null,
}

/** A deployment of it that fits from 24 GB on. */
export const llamaOn = (gpu_type: string, gpu_count = 1, replicas = 1): Deployment =>
  Deployment.parse({
    runtime: 'vllm',
    config: { tensor_parallel_size: gpu_count, max_model_len: 8192 },
    replicas,
    resources: { gpu_type, gpu_count },
  })
