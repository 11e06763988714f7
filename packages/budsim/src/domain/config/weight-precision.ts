/** Which number format the weights are in: `quantization_config` first, then the dtype. */
import type { WeightPrecision } from '@bud/kernel'
import { isObject, type JsonObject } from './config-reader.ts'

const METHODS: Readonly<Record<string, WeightPrecision>> = {
  fp8: 'fp8',
  fbgemm_fp8: 'fp8',
  ptpc_fp8: 'fp8',
  modelopt_fp8: 'fp8',
  mxfp4: 'mxfp4',
  nvfp4: 'fp4',
  modelopt_fp4: 'fp4',
  awq: 'int4',
  gptq: 'int4',
  marlin: 'int4',
  hqq: 'int4',
  w8a8_int8: 'int8',
  w8a8_fp8: 'fp8',
}

const DTYPES: Readonly<Record<string, WeightPrecision>> = {
  float32: 'fp32',
  float: 'fp32',
  float16: 'fp16',
  half: 'fp16',
  bfloat16: 'bf16',
  float8_e4m3fn: 'fp8',
}

/** bf16 when nothing is said: what engines load by default. */
export function readWeightPrecision(outer: JsonObject, inner: JsonObject): WeightPrecision {
  for (const config of [inner, outer]) {
    for (const name of ['quantization_config', 'compression_config', 'quantization']) {
      const quantisation = config[name]
      if (isObject(quantisation)) {
        const found = fromQuantisation(quantisation)
        if (found) return found
      }
    }
  }
  for (const config of [inner, outer]) {
    for (const name of ['dtype', 'torch_dtype']) {
      const dtype = config[name]
      if (typeof dtype === 'string') {
        const found = DTYPES[dtype.replace('torch.', '')]
        if (found) return found
      }
    }
  }
  return 'bf16'
}

function fromQuantisation(quantisation: JsonObject): WeightPrecision | undefined {
  const algorithm = String(quantisation.quant_algo ?? '').toLowerCase()
  if (algorithm.includes('nvfp4')) return 'fp4'
  if (algorithm.includes('mxfp4')) return 'mxfp4'
  if (algorithm.includes('w4a')) return 'int4'
  if (algorithm.includes('fp8')) return 'fp8'
  const method = String(quantisation.quant_method ?? '').toLowerCase()
  if (method === 'compressed-tensors' || isObject(quantisation.config_groups)) return fromGroups(quantisation)
  if (method === 'bitsandbytes') {
    if (quantisation.load_in_4bit === true) return 'int4'
    return quantisation.load_in_8bit === true ? 'int8' : undefined
  }
  const bits = quantisation.bits ?? quantisation.w_bit
  if (bits === 8 && METHODS[method] === 'int4') return 'int8'
  return METHODS[method] ?? fromBits(bits, false)
}

/** llm-compressor: the format of most groups' weights; mixed files are rare, so the first group with weights counts. */
function fromGroups(quantisation: JsonObject): WeightPrecision | undefined {
  const format = String(quantisation.format ?? '')
  if (format.includes('nvfp4')) return 'fp4'
  if (format.includes('mxfp4')) return 'mxfp4'
  const groups = isObject(quantisation.config_groups) ? Object.values(quantisation.config_groups) : []
  for (const group of groups) {
    const weights = isObject(group) ? group.weights : undefined
    if (isObject(weights)) return fromBits(weights.num_bits, weights.type === 'float')
  }
  return undefined
}

function fromBits(bits: unknown, float: boolean): WeightPrecision | undefined {
  if (bits === 4 || bits === 3 || bits === 2) return float ? 'fp4' : 'int4'
  if (bits === 8) return float ? 'fp8' : 'int8'
  return undefined
}
