/** A deployment and its workload as the physics and the trees see it: one replica of it, under a share of the load. */
import { engineFacts } from '@bud/engines'
import type { Deployment, EngineName, GpuSpec, MemoryFit, ModelFacts, Workload } from '@bud/kernel'
import { maxNumBatchedTokensOf } from '../domain/engine-defaults.ts'
import { estimateMemory } from '../domain/memory-fit.ts'
import type { ServingCase } from '../domain/physics/serving-case.ts'
import { replicaBuildOf } from '../domain/replica-build.ts'
import { dataParallelOf } from '../domain/replica-layout.ts'

export interface DeploymentCaseQuery {
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
  workload: Workload
  memory: MemoryFit
}

/**
 * Newest versions with enough credible closed-loop rows: the few of TensorRT-LLM 1.3 contradict physics two- to fivefold
 * (predictor study, section 7). What is newer is taken for these.
 */
const NEWEST_MEASURED: Readonly<Partial<Record<EngineName, string>>> = { 'tensorrt-llm': '1.2' }

/**
 * One replica with one request in flight: whoever asks for another load sets it. The engine's version is the newest known
 * where the deployment names none.
 */
export function replicaCaseOf(query: DeploymentCaseQuery): ServingCase {
  const { deployment, gpu, workload, memory } = query
  const { config, runtime } = deployment
  const ranks = dataParallelOf(config)
  return {
    build: replicaBuildOf(query.facts, deployment, gpu),
    engineVersion: measuredVersion(runtime, deployment.runtime_version ?? engineFacts(runtime).version),
    scenario: 'closed-loop',
    replicas: 1,
    inputTokens: workload.input_tokens,
    cachedTokens: config.enable_prefix_caching ? Math.floor(workload.input_tokens * workload.prefix_cache_share) : 0,
    outputTokens: workload.output_tokens,
    outputVariance: outputVarianceOf(query),
    concurrency: 1,
    requestsPerS: null,
    maxNumSeqs: Math.ceil(config.max_num_seqs / ranks),
    maxNumBatchedTokens: maxNumBatchedTokensOf(deployment, gpu),
    kvCacheBytes: memory.kv_cache_bytes,
  }
}

/** One replica with so many requests in flight. */
export function deploymentCaseOf({
  concurrency,
  ...query
}: Omit<DeploymentCaseQuery, 'memory'> & { concurrency: number }): ServingCase {
  return { ...replicaCaseOf({ ...query, memory: estimateMemory(query) }), concurrency }
}

/** As far as the context lets answers be longer than the mean. */
function outputVarianceOf({ facts, deployment, workload }: DeploymentCaseQuery): number {
  const context = deployment.config.max_model_len ?? facts.context_length ?? Number.POSITIVE_INFINITY
  const longest = Math.max((context - workload.input_tokens) / workload.output_tokens, 1)
  return Math.min((workload.output_tokens_cv ?? 0) ** 2, longest - 1)
}

const versions = new Intl.Collator('en', { numeric: true })

function measuredVersion(engine: EngineName, version: string): string {
  const newest = NEWEST_MEASURED[engine]
  return newest !== undefined && versions.compare(version, newest) > 0 ? newest : version
}
