/** FP8 while loading: asks for 16-bit weights, a GPU that computes in it, and an engine that can. */
import type { Deployment, GpuSpec, ModelFacts, Reason } from '@bud/kernel'
import { isWide } from './served-facts.ts'

export interface QuantizationQuery {
  facts: ModelFacts
  deployment: Deployment
  gpu: GpuSpec
}

export function checkQuantization({ facts, deployment, gpu }: QuantizationQuery): Reason[] {
  const { quantization } = deployment.config
  if (quantization === undefined) return []
  const path = 'deployment.config.quantization'
  const reasons: Reason[] = []
  if (!isWide(facts)) {
    reasons.push({
      code: 'already-quantised',
      message: `The model’s weights are published in ${facts.weight_precision}: they cannot be quantised to ${quantization} while loading.`,
      path,
      next_step: 'Leave quantization out.',
    })
  }
  if (deployment.runtime === 'tensorrt-llm') {
    reasons.push({
      code: 'quantization-not-supported',
      message: 'tensorrt-llm serves checkpoints as they are: it does not quantise while loading.',
      path,
      next_step: 'Use vllm or sglang, or a model published in FP8.',
    })
  }
  if (gpu.fp8_tflops === null) {
    reasons.push({
      code: 'precision-not-supported',
      message: `${gpu.id} has no ${quantization} arithmetic: quantising while loading would gain no time there.`,
      path,
      next_step: 'Choose a newer GPU type, or leave quantization out.',
    })
  }
  return reasons
}
