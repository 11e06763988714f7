/** What a deployment's replica is made of. */
import type { Deployment, GpuSpec, ModelFacts } from '@bud/kernel'
import { kvFormatOf } from './engine-defaults.ts'
import type { ReplicaBuild } from './physics/serving-case.ts'
import { formatsOf } from './physics/weight-formats.ts'
import { dataParallelOf, gpusPerStage } from './replica-layout.ts'
import { servedFacts } from './served-facts.ts'

export function replicaBuildOf(published: ModelFacts, deployment: Deployment, gpu: GpuSpec): ReplicaBuild {
  const { config, runtime } = deployment
  const facts = servedFacts(published, config)
  return {
    facts,
    gpu,
    engine: runtime,
    layout: {
      tensorParallel: config.tensor_parallel_size,
      pipelineParallel: config.pipeline_parallel_size,
      dataParallel: dataParallelOf(config),
      expertParallel: config.expert_parallel ? gpusPerStage(config) : 1,
    },
    formats: formatsOf(facts, gpu, runtime, kvFormatOf(deployment, facts)),
  }
}
