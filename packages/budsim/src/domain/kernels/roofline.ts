/** Datasheet rates by number format, and which measured GPU stands in for one without measurements. */
import type { GpuSpec } from '@bud/kernel'

/** Number formats of a matrix product. int4 is weight-only; fp8-block has 128×128 block scales. */
export type GemmFormat = 'bf16' | 'fp8' | 'fp8-block' | 'nvfp4' | 'int8' | 'int4'
/** Number formats of expert weights; w4a16 and w4a8 name the activations beside MXFP4 weights. */
export type ExpertFormat = GemmFormat | 'mxfp4-w4a16' | 'mxfp4-w4a8'
export type KvFormat = 'bf16' | 'fp8'

/** Bytes per weight, scales included. */
export const WEIGHT_BYTES: Readonly<Record<ExpertFormat, number>> = {
  bf16: 2,
  fp8: 1,
  'fp8-block': 1,
  nvfp4: 0.5625,
  int8: 1,
  int4: 0.53,
  'mxfp4-w4a16': 0.53,
  'mxfp4-w4a8': 0.53,
}
export const KV_BYTES: Readonly<Record<KvFormat, number>> = { bf16: 2, fp8: 1 }

/** Dense arithmetic the format runs at; a GPU without the type multiplies in bf16. */
function peakTflops(gpu: GpuSpec, format: ExpertFormat): number {
  switch (format) {
    case 'fp8':
    case 'fp8-block':
    case 'mxfp4-w4a8':
      return gpu.fp8_tflops ?? gpu.bf16_tflops
    case 'nvfp4':
      return gpu.fp4_tflops ?? gpu.bf16_tflops
    case 'int8':
      return gpu.int8_tops ?? gpu.bf16_tflops
    default:
      return gpu.bf16_tflops
  }
}

/** What a roofline divides by, in units of one microsecond. */
export interface Rates {
  flopsPerUs: number
  bytesPerUs: number
}

export function ratesOf(gpu: GpuSpec, format: ExpertFormat): Rates {
  return { flopsPerUs: peakTflops(gpu, format) * 1e6, bytesPerUs: gpu.memory_bandwidth_gb_s * 1e3 }
}

const REFERENCE_BY_ARCHITECTURE: Readonly<Record<string, string>> = {
  Volta: 'A100-SXM-80GB',
  Turing: 'A100-SXM-80GB',
  Ampere: 'A100-SXM-80GB',
  Ada: 'L40S-48GB',
  Hopper: 'H100-SXM-80GB',
  Blackwell: 'B200-SXM-180GB',
  'Blackwell Ultra': 'B300-SXM-288GB',
  CDNA2: 'A100-SXM-80GB',
  CDNA3: 'H100-SXM-80GB',
  CDNA4: 'B200-SXM-180GB',
  Battlemage: 'Intel-B60-24GB',
}
const LAST_RESORT = 'A100-SXM-80GB'

/** The measured GPU whose kernels behave most like this one's: itself where it was measured. */
export function referenceGpuOf(gpu: GpuSpec, isMeasured: (id: string) => boolean): string {
  if (isMeasured(gpu.id)) return gpu.id
  if (gpu.id.startsWith('GH200') || gpu.id.includes('H200')) return 'H200-SXM-141GB'
  return REFERENCE_BY_ARCHITECTURE[gpu.architecture] ?? LAST_RESORT
}
