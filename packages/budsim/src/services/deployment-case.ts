/** A deployment and its workload as the physics and the trees see it: one replica of it, under a share of the load. */
import { engineFacts } from '@bud/engines'
import type { Deployment, GpuSpec, MemoryFit, ModelFacts, Workload } from '@bud/kernel'
import { kvFormatOf, maxNumBatchedTokensOf } from '../domain/engine-defaults.ts'
import type { ServingCase } from '../domain/physics/serving-case.ts'
import { formatsOf } from '../domain/physics/weight-formats.ts'
import { dataParallelOf, gpusPerStage } from '../domain/replica-layout.ts'
import { servedFacts } from '../domain/served-facts.ts'

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
  const facts = servedFacts(query.facts, config)
  const ranks = dataParallelOf(config)
  return {
    build: {
      facts,
      gpu,
      engine: runtime,
      layout: {
        tensorParallel: config.tensor_parallel_size,
        pipelineParallel: config.pipeline_parallel_size,
        dataParallel: ranks,
        expertParallel: config.expert_parallel ? gpusPerStage(config) : 1,
      },
      formats: formatsOf(facts, gpu, runtime, kvFormatOf(deployment, facts)),
    },
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
