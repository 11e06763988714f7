/** What a token's time goes to, largest first, and which roofline its products lie under. */
import { ratesOf, WEIGHT_BYTES } from '../domain/kernels/roofline.ts'
import type { CasePhysics } from '../domain/physics/case-physics.ts'
import { gpusPerReplica, type ReplicaBuild } from '../domain/physics/serving-case.ts'
import type { StepParts } from '../domain/physics/step-parts.ts'

export type Resource = 'memory-bandwidth' | 'compute' | 'communication' | 'host' | 'prompts' | 'element-wise'

export interface BindingResource {
  resource: Resource
  /** Of the time per output token. */
  share: number
  ms: number
  message: string
}

export function bindingResources(build: ReplicaBuild, physics: CasePhysics, parts: StepParts): BindingResource[] {
  const total = Object.values(parts).reduce((sum, ms) => sum + ms, 0)
  const { weightsMs, arithmeticMs } = productRooflines(build, physics)
  const products = parts.gemm + parts.experts
  const computing = arithmeticMs > weightsMs
  const why = `reading the weights takes at least ${ms(weightsMs)}, their arithmetic ${ms(arithmeticMs)}`
  const entries: [Resource, number, string][] = [
    computing
      ? ['compute', products, `Arithmetic of ${Math.round(physics.batch)} sequences: ${why}.`]
      : ['memory-bandwidth', products, `Weights are read for every step: ${why}.`],
    [
      'memory-bandwidth',
      parts.attention,
      `Attention reads the cache of ${Math.round(physics.batch)} sequences of ${Math.round(physics.contextTokens)} tokens.`,
    ],
    ['communication', parts.collective, `${gpusPerReplica(build.layout)} GPUs exchange activations in every layer.`],
    ['element-wise', parts.elementwise, 'Norms, activations and position embeddings of every layer.'],
    ['host', parts.host, 'Scheduling, sampling and detokenising on the CPU.'],
    ['prompts', parts.interference, 'Prompts that come in take part of the steps.'],
  ]
  return entries
    .map(([resource, of, message]) => ({ resource, share: of / total, ms: of, message }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
}

/** Datasheet times of a step's products on one GPU: reading the weights that the batch visits, and multiplying. */
function productRooflines({ facts, gpu, layout, formats }: ReplicaBuild, { batch }: CasePhysics) {
  const format = facts.experts ? formats.experts : formats.dense
  const { bytesPerUs, flopsPerUs } = ratesOf(gpu, format)
  const gpus = gpusPerReplica(layout)
  const tokens = batch * layout.dataParallel
  const { experts } = facts
  const visited = experts ? 1 - (1 - Math.min(experts.per_token / experts.count, 1)) ** tokens : 1
  const touched = facts.active_parameter_count + (facts.parameter_count - facts.active_parameter_count) * visited
  return {
    weightsMs: (touched * WEIGHT_BYTES[format]) / gpus / bytesPerUs / 1e3,
    arithmeticMs: (2 * facts.active_parameter_count * tokens) / gpus / flopsPerUs / 1e3,
  }
}

const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
