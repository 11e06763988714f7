/** Models, GPUs and deployments that many tests speak of. */
import { Deployment, type GpuSpec, type ModelFacts } from '@bud/kernel'
import { loadReferenceData } from '../adapters/reference-data.ts'
import type { FreeNode } from '../domain/plan-placement.ts'

const reference = loadReferenceData()
export const { gpus, kernels, models, prices } = reference

export function gpuOf(id: string): GpuSpec {
  const gpu = gpus.find((one) => one.id === id)
  if (!gpu) throw new Error(`no GPU ${id}`)
  return gpu
}

export function factsOf(name: string): ModelFacts {
  const model = models.find((one) => one.name === name)
  if (!model) throw new Error(`no model ${name}`)
  return model.facts
}

export const LLAMA_8B = factsOf('meta-llama/Llama-3.1-8B-Instruct')
export const LLAMA_70B = factsOf('meta-llama/Llama-3.1-70B-Instruct')
export const DEEPSEEK_V3 = factsOf('deepseek-ai/DeepSeek-V3')

/** The guide's YAML, Stage 2. */
export const guideDeployment = (): Deployment =>
  Deployment.parse({
    runtime: 'vllm',
    config: {
      tensor_parallel_size: 4,
      pipeline_parallel_size: 1,
      max_model_len: 8192,
      max_num_seqs: 256,
      gpu_memory_utilization: 0.9,
    },
    replicas: 2,
    resources: { gpu_type: 'nvidia-a100-80gb', gpu_count: 4 },
  })

export function deploymentOf(
  layout: {
    tensor?: number
    pipeline?: number
    replicas?: number
    gpu?: string
    runtime?: Deployment['runtime']
  } & Partial<Deployment['config']>,
): Deployment {
  const { tensor = 1, pipeline = 1, replicas = 1, gpu = 'H100-SXM-80GB', runtime = 'vllm', ...config } = layout
  return Deployment.parse({
    runtime,
    config: { tensor_parallel_size: tensor, pipeline_parallel_size: pipeline, ...config },
    replicas,
    resources: { gpu_type: gpu, gpu_count: tensor * pipeline },
  })
}

/** The demo cluster: 2 × 8 H100, 2 × 4 A100, 1 × 8 L40S. */
export const DEMO_NODES: FreeNode[] = [
  { name: 'h100-1', gpu_type: 'H100-SXM-80GB', free: 8 },
  { name: 'h100-2', gpu_type: 'H100-SXM-80GB', free: 8 },
  { name: 'a100-1', gpu_type: 'A100-SXM-80GB', free: 4 },
  { name: 'a100-2', gpu_type: 'A100-SXM-80GB', free: 4 },
  { name: 'l40s-1', gpu_type: 'L40S-48GB', free: 8 },
]
