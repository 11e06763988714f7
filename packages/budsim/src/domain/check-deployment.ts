/** May this deployment run at all? Every blocking reason at once, and what works but deserves a warning. */
import { engineFacts, engineVersions } from '@bud/engines'
import type { Deployment, GpuSpec, ModelFacts, Reason } from '@bud/kernel'
import { checkEngines } from './check-engine.ts'
import { checkExperts } from './check-experts.ts'
import { checkQuantization } from './check-quantization.ts'
import { maxNumBatchedTokensOf } from './engine-defaults.ts'
import { lacksBf16, precisionSupport, runsOn } from './engine-support.ts'
import { estimateMemory } from './memory-fit.ts'
import { dataParallelOf, gpusPerReplica, gpusPerStage, layoutName } from './replica-layout.ts'
import { servedFacts } from './served-facts.ts'

export interface DeploymentCheck {
  blocking: Reason[]
  warnings: Reason[]
}

export interface DeploymentQuery {
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
}

/** Below this the engine has too little room for peaks (the guide: leave 10–20 %). */
const LEAST_HEADROOM = 0.1
const CONFIG = 'deployment.config'

/** Pure; needs no cluster: whether GPUs are free is `planPlacement`'s question. */
export function checkDeployment(query: DeploymentQuery): DeploymentCheck {
  const blocking = [
    ...checkLayout(query),
    ...checkExperts(query),
    ...checkContext(query),
    ...checkEngines({ ...query, engines: [query.deployment.runtime] }),
    ...checkQuantization(query),
  ]
  const memory = estimateMemory(query)
  if (memory.reason) blocking.push(memory.reason)
  return { blocking, warnings: collectWarnings(query) }
}

function checkLayout({ facts, deployment }: DeploymentQuery): Reason[] {
  const { config, resources } = deployment
  const { tensor_parallel_size: tensorParallel, pipeline_parallel_size: pipelineParallel } = config
  const reasons: Reason[] = []
  const tensorPath = `${CONFIG}.tensor_parallel_size`
  const gpus = gpusPerReplica(config)
  if (resources.gpu_count !== gpus) {
    reasons.push({
      code: 'gpu-count-mismatch',
      message: `gpu_count is ${resources.gpu_count}, but ${layoutName(config, 'pp')} needs exactly ${gpus} GPUs per replica.`,
      path: 'deployment.resources.gpu_count',
      next_step: `Set gpu_count to ${gpus}.`,
    })
  }
  if (facts.attention_heads % tensorParallel !== 0) {
    reasons.push({
      code: 'heads-not-divisible',
      message: `The ${facts.attention_heads} attention heads do not divide by tensor_parallel_size ${tensorParallel}.`,
      path: tensorPath,
      next_step: `Use one of ${divisors(facts.attention_heads).join(', ')}.`,
    })
  } else if (facts.mla === null && facts.kv_heads % tensorParallel !== 0 && tensorParallel % facts.kv_heads !== 0) {
    reasons.push({
      code: 'kv-heads-not-divisible',
      message: `The ${facts.kv_heads} key-value heads can neither be split nor repeated evenly over tensor_parallel_size ${tensorParallel}.`,
      path: tensorPath,
    })
  }
  const width = facts.experts ? 0 : facts.intermediate_size
  if (width % tensorParallel !== 0) {
    reasons.push({
      code: 'feed-forward-not-divisible',
      message: `The feed-forward size ${width} does not divide by tensor_parallel_size ${tensorParallel}.`,
      path: tensorPath,
    })
  }
  if (pipelineParallel > facts.layers) {
    reasons.push({
      code: 'too-many-pipeline-stages',
      message: `pipeline_parallel_size ${pipelineParallel} exceeds the model’s ${facts.layers} layers.`,
      path: `${CONFIG}.pipeline_parallel_size`,
    })
  }
  return reasons
}

function checkContext({ facts, deployment, gpu }: DeploymentQuery): Reason[] {
  const { config } = deployment
  const reasons: Reason[] = []
  if (
    config.max_model_len !== undefined &&
    facts.context_length !== null &&
    config.max_model_len > facts.context_length
  ) {
    reasons.push({
      code: 'context-too-long',
      message: `max_model_len ${config.max_model_len} exceeds the model’s context of ${facts.context_length} tokens.`,
      path: `${CONFIG}.max_model_len`,
      next_step: `Use at most ${facts.context_length}.`,
    })
  }
  const batched = maxNumBatchedTokensOf(deployment, gpu)
  if (batched < config.max_num_seqs) {
    reasons.push({
      code: 'batched-tokens-below-sequences',
      message: `max_num_batched_tokens ${batched} is less than max_num_seqs ${config.max_num_seqs}: every running sequence needs one token per step.`,
      path: `${CONFIG}.max_num_batched_tokens`,
      next_step: `Raise it to at least ${config.max_num_seqs}, or lower max_num_seqs.`,
    })
  }
  return reasons
}

function collectWarnings(query: DeploymentQuery): Reason[] {
  return [...warnOfLimits(query), ...warnOfHardware(query)]
}

function warnOfLimits({ facts, deployment }: DeploymentQuery): Reason[] {
  const { config, runtime, runtime_version: version } = deployment
  const warnings: Reason[] = []
  if (version !== undefined && !engineFacts(runtime, version).known_version) {
    warnings.push({
      code: 'unknown-engine-version',
      message: `The flags of ${runtime} ${version} are not known; those of the nearest known version are used.`,
      path: 'deployment.runtime_version',
      next_step: `Known: ${engineVersions(runtime).join(', ')}.`,
    })
  }
  const headroom = 1 - config.gpu_memory_utilization
  if (headroom < LEAST_HEADROOM - 1e-9) {
    warnings.push({
      code: 'little-memory-headroom',
      message: `gpu_memory_utilization ${config.gpu_memory_utilization} leaves ${Math.round(headroom * 100)} % headroom; 10–20 % is advised.`,
      path: `${CONFIG}.gpu_memory_utilization`,
    })
  }
  if (
    config.max_model_len !== undefined &&
    facts.context_length !== null &&
    config.max_model_len < facts.context_length
  ) {
    warnings.push({
      code: 'context-shortened',
      message: `max_model_len ${config.max_model_len} is below the model’s ${facts.context_length}: longer requests will be refused.`,
      path: `${CONFIG}.max_model_len`,
    })
  }
  return warnings
}

function warnOfHardware({ facts: published, deployment, gpu }: DeploymentQuery): Reason[] {
  const { config, runtime } = deployment
  const facts = servedFacts(published, config)
  const warnings: Reason[] = []
  const together = gpusPerStage(config)
  if (together > gpu.scale_up_domain_gpus) {
    warnings.push({
      code: 'no-fast-interconnect',
      message: `${gpu.id} connects ${gpu.scale_up_domain_gpus === 1 ? 'no GPUs' : `${gpu.scale_up_domain_gpus} GPUs`} by a fast link (${gpu.interconnect ?? 'none stated'}); ${dataParallelOf(config) > 1 ? 'expert' : 'tensor'} parallelism over ${together} runs over PCIe.`,
      path: `${CONFIG}.tensor_parallel_size`,
      next_step: 'Prefer pipeline parallelism or more replicas here.',
    })
  }
  if (runsOn(runtime, gpu) && precisionSupport(runtime, gpu, facts.weight_precision) === 'weight-only') {
    warnings.push({
      code: 'precision-weight-only',
      message: `${gpu.id} has no ${facts.weight_precision} arithmetic: weights are stored in it but computed in 16 bits, saving memory and not time.`,
      path: 'deployment.resources.gpu_type',
    })
  }
  if (facts.weight_precision === 'bf16' && lacksBf16(gpu)) {
    warnings.push({
      code: 'bf16-as-fp16',
      message: `${gpu.id} has no bfloat16; the engine converts to float16, which can overflow.`,
      path: 'deployment.resources.gpu_type',
    })
  }
  if (config.kv_cache_dtype === 'fp8' && gpu.fp8_tflops === null) {
    warnings.push({
      code: 'kv-fp8-emulated',
      message: `${gpu.id} has no FP8 arithmetic: an FP8 KV cache saves memory but is converted at every step.`,
      path: `${CONFIG}.kv_cache_dtype`,
    })
  }
  return warnings
}

const divisors = (value: number): number[] => [1, 2, 4, 8, 16, 32, 64].filter((size) => value % size === 0)
