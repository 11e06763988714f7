/** What the weight files' headers tell: bytes, parameters and precision, which win over what config.json suggests. */
import type { Reason, WeightPrecision } from '@bud/kernel'
import type { Tensor } from '../formats/safetensors.ts'

export interface WeightFacts {
  weight_bytes: number
  /** Undefined where tensors are packed, so that elements are not parameters. */
  parameter_count: number | undefined
  weight_precision: WeightPrecision | undefined
}

const PRECISION_OF: Record<string, WeightPrecision> = {
  F32: 'fp32',
  BF16: 'bf16',
  F16: 'fp16',
  F8_E4M3: 'fp8',
  F8_E5M2: 'fp8',
}
/** Share of elements in packed or integer tensors above which a count of elements says nothing about parameters. */
const MAX_PACKED_SHARE = 0.02

/** `quantised`: config.json has a quantization_config, which then says the precision. */
export function toWeightFacts(tensors: readonly Tensor[], quantised: boolean): WeightFacts {
  const bytesOf = new Map<string, number>()
  let elements = 0
  let packed = 0
  let weight_bytes = 0
  for (const { dtype, shape, begin, end } of tensors) {
    const count = shape.reduce((product, size) => product * size, 1)
    elements += count
    if (!PRECISION_OF[dtype]) packed += count
    bytesOf.set(dtype, (bytesOf.get(dtype) ?? 0) + end - begin)
    weight_bytes += end - begin
  }
  const countable = !quantised && elements > 0 && packed / elements <= MAX_PACKED_SHARE
  const [dominant] = [...bytesOf].toSorted((a, b) => b[1] - a[1])
  return {
    weight_bytes,
    parameter_count: countable ? elements : undefined,
    weight_precision: countable && dominant ? PRECISION_OF[dominant[0]] : undefined,
  }
}

/** config.json says that the weights are packed, for the language model or its text part. */
export function isQuantised(config: unknown): boolean {
  if (!isRecord(config)) return false
  return isRecord(config.quantization_config) || isQuantised(config.text_config)
}

/** The files that a weight index names. */
export function indexedShards(index: unknown): Set<string> {
  const map = isRecord(index) && isRecord(index.weight_map) ? index.weight_map : {}
  return new Set(Object.values(map).filter((path) => typeof path === 'string'))
}

/** The shards that model.safetensors.index.json promises and the folder lacks. */
export function missingShards(index: unknown, paths: ReadonlySet<string>): Reason[] {
  const map = isRecord(index) ? index.weight_map : undefined
  if (!isRecord(map)) {
    return [
      {
        code: 'index-invalid',
        message: 'The weight index (…index.json) has no "weight_map".',
        next_step: 'Send the index file again.',
      },
    ]
  }
  const missing = [...indexedShards(index)].filter((path) => !paths.has(path))
  return missing.map((path) => ({
    code: 'shard-missing',
    message: `The weight index lists ${path}, which is not there.`,
    path,
    next_step: `Send ${path} too, then register again.`,
  }))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
