/** A deployment and its workload as the physics and the trees see it: one replica of it, under a share of the load. */
import { engineFacts } from '@bud/engines'
import type { Deployment, GpuSpec, MemoryFit, ModelFacts, Workload } from '@bud/kernel'
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
 * One replica with one request in flight: whoever asks for another load sets it. The engine's version is the newest known
 * where the deployment names none.
 */
export function replicaCaseOf(query: DeploymentCaseQuery): ServingCase {
  const { deployment, gpu, workload, memory } = query
  const { config, runtime } = deployment
  const ranks = dataParallelOf(config)
  return {
    build: replicaBuildOf(query.facts, deployment, gpu),
    engineVersion: deployment.runtime_version ?? engineFacts(runtime).version,
    scenario: 'closed-loop',
    replicas: 1,
    inputTokens: workload.input_tokens,
    cachedTokens: config.enable_prefix_caching ? Math.floor(workload.input_tokens * workload.prefix_cache_share) : 0,
    outputTokens: workload.output_tokens,
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
