/** A small model, the catalogue's GPUs and a release of it, for tests. */
import { createGpuCatalogue } from '@bud/budsim'
import { loadReferenceData } from '@bud/budsim/adapters/reference-data'
import { Deployment, failed, type ModelFacts, type SimulatedNode, type SimulatedRelease } from '@bud/kernel'

const reference = loadReferenceData()
export const { gpus, kernels } = reference
export const catalogue = createGpuCatalogue(gpus)

/** An 8 B and a 70 B model. */
export const smallModel = modelOf(7e9, 9e9)
export const largeModel = modelOf(69e9, 71e9)

export const demoNodes: SimulatedNode[] = [
  { name: 'h100-1', gpu_type: 'H100-SXM-80GB', gpu_count: 8 },
  { name: 'h100-2', gpu_type: 'H100-SXM-80GB', gpu_count: 8 },
  { name: 'a100-1', gpu_type: 'A100-SXM-80GB', gpu_count: 4 },
  { name: 'a100-2', gpu_type: 'A100-SXM-80GB', gpu_count: 4 },
  { name: 'l40s-1', gpu_type: 'L40S-48GB', gpu_count: 8 },
]

export interface ReleaseWishes {
  name?: string
  facts?: ModelFacts
  replicas?: number
  revision?: number
  runtime?: 'vllm' | 'sglang' | 'tensorrt-llm'
  gpu?: string
  config?: Record<string, unknown>
}

export function releaseOf(wishes: ReleaseWishes = {}): SimulatedRelease {
  const {
    name = 'chat',
    facts = smallModel,
    replicas = 1,
    revision = 1,
    runtime = 'vllm',
    gpu = 'H100-SXM-80GB',
  } = wishes
  return {
    name,
    endpoint_id: `ep-${name}`,
    served_model_name: 'demo',
    facts,
    groups: [{ revision, replicas, deployment: deploymentOf(runtime, gpu, wishes.config) }],
  }
}

function deploymentOf(runtime: 'vllm' | 'sglang' | 'tensorrt-llm', gpu: string, config: Record<string, unknown> = {}) {
  const width = Number(config.tensor_parallel_size ?? 1) * Number(config.pipeline_parallel_size ?? 1)
  return Deployment.parse({ runtime, config, resources: { gpu_type: gpu, gpu_count: width } })
}

function modelOf(from: number, to: number): ModelFacts {
  const found = reference.models.find(
    ({ facts }) => facts.architecture === 'llama' && facts.parameter_count > from && facts.parameter_count < to,
  )
  if (found === undefined) throw failed(`data/models.csv has no llama of ${from}–${to} parameters.`)
  return found.facts
}
