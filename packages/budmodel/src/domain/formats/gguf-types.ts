/**
 * The number formats of GGUF tensors: how many elements share a block, how many bytes a block takes, and which
 * precision that is in the product's vocabulary. Source: ggml's ggml_type_traits (ggml.c) and GGML_QUANT_SIZES (gguf-py).
 */
import type { WeightPrecision } from '@bud/kernel'

export interface GgmlType {
  name: string
  elements: number
  bytes: number
  /** The nearest one: 5 bits count as int4, 6 bits as int8. Undefined for indices and the like. */
  precision: WeightPrecision | undefined
}

const type = (name: string, elements: number, bytes: number, precision?: WeightPrecision): GgmlType => ({
  name,
  elements,
  bytes,
  precision,
})

export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map([
  [0, type('F32', 1, 4, 'fp32')],
  [1, type('F16', 1, 2, 'fp16')],
  [2, type('Q4_0', 32, 18, 'int4')],
  [3, type('Q4_1', 32, 20, 'int4')],
  [6, type('Q5_0', 32, 22, 'int4')],
  [7, type('Q5_1', 32, 24, 'int4')],
  [8, type('Q8_0', 32, 34, 'int8')],
  [9, type('Q8_1', 32, 36, 'int8')],
  [10, type('Q2_K', 256, 84, 'int4')],
  [11, type('Q3_K', 256, 110, 'int4')],
  [12, type('Q4_K', 256, 144, 'int4')],
  [13, type('Q5_K', 256, 176, 'int4')],
  [14, type('Q6_K', 256, 210, 'int8')],
  [15, type('Q8_K', 256, 292, 'int8')],
  [16, type('IQ2_XXS', 256, 66, 'int4')],
  [17, type('IQ2_XS', 256, 74, 'int4')],
  [18, type('IQ3_XXS', 256, 98, 'int4')],
  [19, type('IQ1_S', 256, 50, 'int4')],
  [20, type('IQ4_NL', 32, 18, 'int4')],
  [21, type('IQ3_S', 256, 110, 'int4')],
  [22, type('IQ2_S', 256, 82, 'int4')],
  [23, type('IQ4_XS', 256, 136, 'int4')],
  [24, type('I8', 1, 1)],
  [25, type('I16', 1, 2)],
  [26, type('I32', 1, 4)],
  [27, type('I64', 1, 8)],
  [28, type('F64', 1, 8, 'fp32')],
  [29, type('IQ1_M', 256, 56, 'int4')],
  [30, type('BF16', 1, 2, 'bf16')],
  [34, type('TQ1_0', 256, 54, 'int4')],
  [35, type('TQ2_0', 256, 66, 'int4')],
  [39, type('MXFP4', 32, 17, 'mxfp4')],
  [40, type('NVFP4', 64, 36, 'fp4')],
  [41, type('Q1_0', 128, 18, 'int4')],
])
