/** Whether a model's experts can be laid out as a configuration asks, and whether it has any. */
import type { Deployment, ModelFacts, Reason } from '@bud/kernel'
import { dataParallelOf, gpusPerReplica, gpusPerStage } from './replica-layout.ts'

interface ExpertQuery {
  facts: ModelFacts
  deployment: Deployment
}

const CONFIG = 'deployment.config'

export function checkExperts({ facts, deployment }: ExpertQuery): Reason[] {
  const { config, runtime } = deployment
  const ranks = dataParallelOf(config)
  const { experts } = facts
  if (!experts) return ranks > 1 || config.expert_parallel ? [noExperts(ranks, config.expert_parallel === true)] : []
  const reasons: Reason[] = []
  const sharing = gpusPerStage(config)
  if (config.expert_parallel && experts.count % sharing !== 0) {
    reasons.push({
      code: 'experts-not-divisible',
      message: `The ${experts.count} experts do not divide by the ${sharing} GPUs that would share them.`,
      path: `${CONFIG}.expert_parallel`,
      next_step: 'Use another TP or DP size, or slice the experts (expert_parallel: false).',
    })
  }
  if (!config.expert_parallel && experts.intermediate_size % sharing !== 0) {
    reasons.push({
      code: 'feed-forward-not-divisible',
      message: `The feed-forward size ${experts.intermediate_size} of an expert does not divide by ${ranks > 1 ? `the ${sharing} GPUs that would share it` : `tensor_parallel_size ${sharing}`}.`,
      path: `${CONFIG}.tensor_parallel_size`,
    })
  }
  if (config.expert_parallel && gpusPerReplica(config) === 1) {
    reasons.push({
      code: 'expert-parallel-needs-gpus',
      message: 'expert_parallel spreads experts over GPUs, and a replica of one GPU has nowhere to spread them.',
      path: `${CONFIG}.expert_parallel`,
      next_step: 'Leave it out, or use more GPUs per replica.',
    })
  }
  if (runtime === 'tensorrt-llm' && ranks > 1 && config.tensor_parallel_size > 1) {
    reasons.push({
      code: 'data-parallel-layout-not-supported',
      message: `tensorrt-llm keeps attention whole on every data-parallel rank: data_parallel_size ${ranks} needs tensor_parallel_size 1.`,
      path: `${CONFIG}.data_parallel_size`,
      next_step: `Use TP 1 × DP ${sharing}, or another engine.`,
    })
  }
  return reasons
}

const noExperts = (ranks: number, expertParallel: boolean): Reason => ({
  code: 'model-has-no-experts',
  message: `${ranks > 1 ? `data_parallel_size ${ranks}` : 'expert_parallel'} shares experts between GPUs${ranks > 1 && expertParallel ? ', as does expert_parallel' : ''}; this model has none.`,
  path: `${CONFIG}.${ranks > 1 ? 'data_parallel_size' : 'expert_parallel'}`,
  next_step: ranks > 1 ? 'Use replicas instead.' : 'Leave it out.',
})
