/** Which number formats the parts of a replica run in, from a model's precision, its family and the GPU. */
import type { GpuSpec, ModelFacts, WeightPrecision } from '@bud/kernel'
import type { ExpertFormat, GemmFormat, KvFormat } from '../kernels/roofline.ts'
import type { ReplicaFormats, ServingEngine } from './serving-case.ts'

/** Families whose FP8 releases scale blocks of 128 × 128 weights. */
const BLOCK_SCALED = /^(deepseek|kimi|glm|minimax|qwen3)/
const NARROW: readonly WeightPrecision[] = ['fp8', 'fp4', 'mxfp4']

const isBlackwell = (gpu: GpuSpec): boolean => /Blackwell|CDNA4/.test(gpu.architecture)

/** Without `kv` it is taken for what published benchmarks run. */
export function formatsOf(
  facts: ModelFacts,
  gpu: GpuSpec,
  engine: ServingEngine,
  kv: KvFormat = benchmarkKvFormat(facts.weight_precision, gpu, engine),
): ReplicaFormats {
  const dense = denseFormat(facts)
  return { attention: attentionFormat(facts, dense), dense, experts: expertFormat(facts, gpu), kv }
}

/** What an engine makes of `kv_cache_dtype`: `auto` is 16 bits, but TensorRT-LLM's narrow checkpoints bring FP8. */
export function servedKvFormat(setting: 'auto' | 'fp8', precision: WeightPrecision, engine: ServingEngine): KvFormat {
  const narrow = engine === 'tensorrt-llm' && (precision === 'fp8' || precision === 'fp4')
  return setting === 'fp8' || narrow ? 'fp8' : 'bf16'
}

const isBlockScaled = (facts: ModelFacts): boolean => facts.mla !== null || BLOCK_SCALED.test(facts.architecture)

function denseFormat(facts: ModelFacts): GemmFormat {
  switch (facts.weight_precision) {
    case 'fp4':
      return 'nvfp4'
    case 'fp8':
      return isBlockScaled(facts) ? 'fp8-block' : 'fp8'
    case 'int8':
      return 'int8'
    case 'int4':
      // Experts alone are quantised in 4-bit integer releases of expert models.
      return facts.experts ? 'bf16' : 'int4'
    default:
      return 'bf16'
  }
}

/** Latent attention keeps its projections wider than its experts. */
function attentionFormat(facts: ModelFacts, dense: GemmFormat): GemmFormat {
  if (!facts.mla) return dense
  if (facts.weight_precision === 'fp4') return 'fp8'
  return facts.weight_precision === 'int4' ? 'bf16' : dense
}

function expertFormat(facts: ModelFacts, gpu: GpuSpec): ExpertFormat {
  switch (facts.weight_precision) {
    case 'mxfp4':
      return isBlackwell(gpu) ? 'mxfp4-w4a8' : 'mxfp4-w4a16'
    case 'int4':
      return 'int4'
    default:
      return denseFormat(facts)
  }
}

/** Measured rows do not state it: on Blackwell, benchmarks of narrow weights ask for FP8. */
function benchmarkKvFormat(precision: WeightPrecision, gpu: GpuSpec, engine: ServingEngine): KvFormat {
  return isBlackwell(gpu) && NARROW.includes(precision) ? 'fp8' : servedKvFormat('auto', precision, engine)
}
