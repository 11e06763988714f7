/** A model as an engine holds it: quantising while loading changes what its weights take and how they are computed. */
import type { EngineConfiguration, ModelFacts, WeightPrecision } from '@bud/kernel'
import { toModelShape, weightBytesPerGpu } from './model-shape.ts'

const WIDE: ReadonlySet<WeightPrecision> = new Set(['fp32', 'bf16', 'fp16'])
const WHOLE = { tensorParallelSize: 1, pipelineParallelSize: 1, dataParallelSize: 1 }

/** Kept per model, so that callers who cache by the facts' identity find them again. */
const quantised = new WeakMap<ModelFacts, ModelFacts>()

export const isWide = ({ weight_precision }: ModelFacts): boolean => WIDE.has(weight_precision)

/** The facts themselves unless `quantization` narrows 16-bit weights; embeddings and output head stay as they are. */
export function servedFacts(
  facts: ModelFacts,
  { quantization }: Pick<EngineConfiguration, 'quantization'>,
): ModelFacts {
  if (quantization === undefined || !isWide(facts)) return facts
  let served = quantised.get(facts)
  if (!served) {
    served = quantise(facts)
    quantised.set(facts, served)
  }
  return served
}

function quantise(facts: ModelFacts): ModelFacts {
  const narrow: ModelFacts = { ...facts, weight_precision: 'fp8', weight_bytes: null }
  const bytes = weightBytesPerGpu(narrow, toModelShape(narrow), WHOLE)
  if (facts.weight_bytes === null) return narrow
  const wide = { ...facts, weight_bytes: null }
  const before = weightBytesPerGpu(wide, toModelShape(wide), WHOLE)
  return { ...narrow, weight_bytes: Math.round((facts.weight_bytes * bytes) / before) }
}
