/** Layouts that no engine starts, said of a row before its physics are asked. */
import type { ModelFacts, Reason } from '@bud/kernel'
import type { ReplicaLayout } from '../physics/serving-case.ts'

/** As configurations of deployments may be at most. */
const MOST_PARALLEL = 64

/** The first reason why `gpus` cannot be laid out so for the model; the rules are vLLM's. */
export function layoutReason(layout: ReplicaLayout, facts: ModelFacts, gpus: number): Reason | null {
  const { tensorParallel, pipelineParallel, dataParallel, expertParallel } = layout
  const perReplica = tensorParallel * pipelineParallel * dataParallel
  if (perReplica > gpus) {
    return refuse('num_gpus', `tp × pp × dp is ${perReplica}, more than the ${gpus} GPUs stated.`)
  }
  if (![tensorParallel, dataParallel, gpus / perReplica].every(Number.isInteger)) {
    const stage = `tp ${tensorParallel} × pp ${pipelineParallel}`
    return refuse('num_gpus', `${gpus} GPUs cannot be shared out evenly at ${stage}.`)
  }
  if (tensorParallel > MOST_PARALLEL) return refuse('tp', `tp ${tensorParallel} is more than ${MOST_PARALLEL}.`)
  if (pipelineParallel > facts.layers) {
    return refuse('pp', `pp ${pipelineParallel} is more than the model’s ${facts.layers} layers.`)
  }
  const experts = facts.experts?.count
  return experts !== undefined && expertParallel > experts
    ? refuse('ep', `ep ${expertParallel} is more than the model’s ${experts} experts.`)
    : null
}

/** Why attention cannot be split so. Layouts that a row leaves open are not held to it: some engines pad. */
export function headsReason(tensorParallel: number, facts: ModelFacts): Reason | null {
  const heads = facts.attention_heads
  if (heads % tensorParallel !== 0) {
    const next_step = `Use one of ${divisors(heads).join(', ')}.`
    return { ...refuse('tp', `The ${heads} attention heads do not divide by tp ${tensorParallel}.`), next_step }
  }
  const [more, fewer] = [Math.max(facts.kv_heads, tensorParallel), Math.min(facts.kv_heads, tensorParallel)]
  if (facts.mla === null && more % fewer !== 0) {
    return refuse(
      'tp',
      `The ${facts.kv_heads} key-value heads are neither split nor repeated evenly by tp ${tensorParallel}.`,
    )
  }
  return null
}

const refuse = (path: string, message: string): Reason => ({ code: 'unsupported', message, path })

const divisors = (value: number): number[] => [1, 2, 4, 8, 16, 32, 64].filter((size) => value % size === 0)
