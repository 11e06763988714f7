/** What an engine runs on and in which number formats: the facts behind compatibility reasons. */
import type { EngineName, GpuSpec, ModelFacts, WeightPrecision } from '@bud/kernel'

/** GPU architectures an engine's released images run on. */
const ARCHITECTURES: Readonly<Record<EngineName, ReadonlySet<string>>> = {
  vllm: new Set([
    'Volta',
    'Turing',
    'Ampere',
    'Ada',
    'Hopper',
    'Blackwell',
    'Blackwell Ultra',
    'CDNA2',
    'CDNA3',
    'CDNA4',
    'Ponte Vecchio',
    'Battlemage',
    'Gaudi2',
    'Da Vinci',
  ]),
  sglang: new Set([
    'Turing',
    'Ampere',
    'Ada',
    'Hopper',
    'Blackwell',
    'Blackwell Ultra',
    'CDNA3',
    'CDNA4',
    'Da Vinci',
    'Battlemage',
  ]),
  'tensorrt-llm': new Set(['Ampere', 'Ada', 'Hopper', 'Blackwell', 'Blackwell Ultra']),
}

export const runsOn = (engine: EngineName, gpu: GpuSpec): boolean => ARCHITECTURES[engine].has(gpu.architecture)

export const enginesFor = (gpu: GpuSpec): EngineName[] =>
  (Object.keys(ARCHITECTURES) as EngineName[]).filter((engine) => runsOn(engine, gpu))

/** native: the GPU computes in it; weight-only: read as such, computed in 16 bits; none: the engine refuses it there. */
export type PrecisionSupport = 'native' | 'weight-only' | 'none'

const NO_BF16 = new Set(['Turing', 'Volta'])
const WEIGHT_ONLY_KERNELS = new Set(['Turing', 'Ampere', 'Ada', 'Hopper', 'Blackwell', 'Blackwell Ultra'])

export function precisionSupport(engine: EngineName, gpu: GpuSpec, precision: WeightPrecision): PrecisionSupport {
  switch (precision) {
    case 'fp8':
      return gpu.fp8_tflops === null ? weightOnly(engine, gpu) : 'native'
    case 'fp4':
      return gpu.fp4_tflops === null ? weightOnly(engine, gpu) : 'native'
    case 'mxfp4':
      if (gpu.fp4_tflops !== null) return 'native'
      return engine === 'tensorrt-llm' && gpu.architecture !== 'Hopper' ? 'none' : 'weight-only'
    case 'int8':
      return gpu.int8_tops === null ? 'weight-only' : 'native'
    default:
      return 'native'
  }
}

/** vLLM and SGLang bring Marlin kernels from Turing on; TensorRT-LLM has none for 8- and 4-bit floats. */
const weightOnly = (engine: EngineName, gpu: GpuSpec): PrecisionSupport =>
  engine !== 'tensorrt-llm' && WEIGHT_ONLY_KERNELS.has(gpu.architecture) ? 'weight-only' : 'none'

export const lacksBf16 = (gpu: GpuSpec): boolean => NO_BF16.has(gpu.architecture)

const ENCODER_DECODER = /^(t5|mt5|umt5|bart|mbart|m2m_100|pegasus|marian|led|longt5)$/

export const isEncoderDecoder = (facts: ModelFacts): boolean => ENCODER_DECODER.test(facts.architecture)
