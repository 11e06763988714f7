/**
 * The guide's runtime table where predictions do not tell engines apart: SGLang for structured generation and for
 * prompts that share a prefix, vLLM for the general case. TensorRT-LLM's speed is in the predictions.
 */
import type { EngineName, Workload } from '@bud/kernel'

/** Speed that constrained decoding costs beside SGLang's compressed automata, as far as ranking counts it. */
const STRUCTURED_HANDICAP = 1.1
/** An ordinary prefix cache beside SGLang's radix tree: so much of the shared part's gain does not come about. */
const PREFIX_HANDICAP = 0.15
/** Below this share of the prompt, sharing is no trait of the workload. */
const LEAST_PREFIX_SHARE = 0.3

const shares = ({ prefix_cache_share: share }: Workload): boolean => share >= LEAST_PREFIX_SHARE

/** What a latency is multiplied, and a throughput divided by when candidates are ranked; limits are held without it. */
export function engineHandicap(engine: EngineName, workload: Workload): number {
  if (engine === 'sglang') return 1
  const structured = workload.structured_output === true ? STRUCTURED_HANDICAP : 1
  return structured * (shares(workload) ? 1 + PREFIX_HANDICAP * workload.prefix_cache_share : 1)
}

/** The last tie-break: the engine for general workloads first. */
const GENERAL_ORDER: Readonly<Record<EngineName, number>> = { vllm: 0, sglang: 1, 'tensorrt-llm': 2 }

export const generalOrder = (engine: EngineName): number => GENERAL_ORDER[engine]

/** Why the engine of the first candidate was preferred, or stands although another is advised; '' where nothing is. */
export function explainEngine(engine: EngineName, workload: Workload): string {
  const traits = [
    ...(workload.structured_output === true ? ['structured answers'] : []),
    ...(shares(workload) ? [`prompts of which ${Math.round(workload.prefix_cache_share * 100)} % are shared`] : []),
  ]
  if (traits.length === 0) return ''
  const percent = Math.round((engineHandicap('vllm', workload) - 1) * 100)
  const load = traits.join(' and ')
  return engine === 'sglang'
    ? `SGLang suits ${load}: the others were counted ${percent} % slower`
    : `${engine} stands before SGLang, which suits ${load}, although it was counted ${percent} % slower`
}
