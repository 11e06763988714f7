/** Which engines cannot serve this model on this GPU type, whatever the cluster, the layout or the limits. */
import type { EngineName, GpuSpec, ModelFacts, Reason } from '@bud/kernel'
import { enginesFor, isEncoderDecoder, precisionSupport, runsOn } from './engine-support.ts'

export interface EngineQuery {
  engines: readonly EngineName[]
  facts: ModelFacts
  gpu: GpuSpec
}

/** One reason per cause, naming every engine that it stops. */
export function checkEngines({ engines, facts, gpu }: EngineQuery): Reason[] {
  const reasons: Reason[] = []
  if (isEncoderDecoder(facts)) reasons.push(architectureReason(facts, engines))
  const strangers = engines.filter((engine) => !runsOn(engine, gpu))
  if (strangers.length > 0) reasons.push(gpuReason(gpu, strangers))
  const lacking = engines.filter(
    (engine) => runsOn(engine, gpu) && precisionSupport(engine, gpu, facts.weight_precision) === 'none',
  )
  if (lacking.length > 0) {
    reasons.push({
      code: 'precision-not-supported',
      message: `${listed(lacking, 'or')} cannot run ${facts.weight_precision} weights on ${gpu.id}, which has no such arithmetic.`,
      path: 'deployment.resources.gpu_type',
      next_step: 'Choose a newer GPU type, another engine, or the 16-bit version of the model.',
    })
  }
  return reasons
}

function architectureReason(facts: ModelFacts, engines: readonly EngineName[]): Reason {
  const serve = engines.length === 1 ? 'serves' : 'serve'
  return {
    code: 'architecture-not-supported',
    message: `The model’s architecture "${facts.architecture}" is an encoder-decoder; ${listed(engines, 'and')} ${serve} decoder-only models.`,
    path: 'deployment.runtime',
    next_step: 'Choose a decoder-only model.',
  }
}

function gpuReason(gpu: GpuSpec, engines: readonly EngineName[]): Reason {
  const others = enginesFor(gpu)
  return {
    code: 'engine-does-not-support-gpu',
    message: `${listed(engines, 'and')} ${engines.length === 1 ? 'does' : 'do'} not run on ${gpu.id} (${gpu.architecture}).`,
    path: 'deployment.runtime',
    next_step: others.length > 0 ? `Use ${others.join(' or ')} there.` : 'Choose another GPU type.',
  }
}

/** "a", "a and b", "a, b and c". */
const listed = (names: readonly string[], word: 'and' | 'or'): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`
