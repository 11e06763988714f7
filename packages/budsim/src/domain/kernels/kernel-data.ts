/** The committed kernel measurements (data/kernels): GEMM grids, collective curves and fitted parameters, as documents. */
import { z } from 'zod'

const positive = z.number().positive()
const nonNegative = z.number().nonnegative()
/** Checked by one loop: the grids hold some 170,000 numbers, and every start reads them. */
const positives = z.custom<number[]>(
  (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'number' && entry > 0),
  'is not a list of positive numbers',
)

/** Best times over the engines on a grid of sizes; `microseconds` runs over k fastest, then n, then m. */
const GemmGrid = z
  .strictObject({ m: positives, n: positives, k: positives, microseconds: positives })
  .refine((grid) => grid.microseconds.length === grid.m.length * grid.n.length * grid.k.length, {
    error: 'holds another number of times than m × n × k says',
  })
  .refine((grid) => [grid.m, grid.n, grid.k].every(ascends), { error: 'has a size axis without two ascending sizes' })
export type GemmGrid = z.infer<typeof GemmGrid>

/** Best times over the engines by message size. */
const CollectiveCurve = z
  .strictObject({ bytes: positives, microseconds: positives })
  .refine((curve) => curve.bytes.length === curve.microseconds.length, { error: 'has bytes without a time' })
  .refine((curve) => ascends(curve.bytes), { error: 'has not two ascending message sizes' })
export type CollectiveCurve = z.infer<typeof CollectiveCurve>

/** How far the formula with these parameters is from the measured rows: |formula/measured − 1|. */
const FitError = { rows: z.number().int().positive(), median_error: nonNegative, mean_error: nonNegative }

const DecodeFit = z.strictObject({
  base_us: nonNegative,
  bytes_factor: nonNegative,
  flops_factor: nonNegative,
  sharpness: positive,
  ...FitError,
})
export type DecodeFit = z.infer<typeof DecodeFit>

const PrefillFit = z.strictObject({
  base_us: nonNegative,
  flops_factor: nonNegative,
  bytes_factor: nonNegative,
  half_rate_tokens: nonNegative,
  ...FitError,
})
export type PrefillFit = z.infer<typeof PrefillFit>

const LatentFit = z.strictObject({
  base_us: nonNegative,
  bytes_factor: nonNegative,
  flops_factor: nonNegative,
  ...FitError,
})
export type LatentFit = z.infer<typeof LatentFit>

const ExpertFit = z.strictObject({
  base_us: nonNegative,
  weights_factor: nonNegative,
  flops_factor: nonNegative,
  activations_factor: nonNegative,
  ...FitError,
})
export type ExpertFit = z.infer<typeof ExpertFit>

const byGpu = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value)
const byGpuAndFormat = <Value extends z.ZodType>(value: Value) => byGpu(z.record(z.string(), value))

/** data/kernels/fits.json */
const KernelFits = z.strictObject({
  decode_attention: byGpuAndFormat(DecodeFit),
  prefill_attention: byGpu(PrefillFit),
  latent_decode: byGpuAndFormat(LatentFit),
  latent_prefill: byGpu(LatentFit),
  experts: byGpuAndFormat(ExpertFit),
})

export const KernelData = z.strictObject({
  /** data/kernels/gemm.json: GPU → format → grid. */
  gemm: byGpuAndFormat(GemmGrid),
  /** data/kernels/collectives.json: GPU → collective → number of GPUs → curve. */
  collectives: byGpu(z.record(z.string(), z.record(z.string(), CollectiveCurve))),
  fits: KernelFits,
})
export type KernelData = z.infer<typeof KernelData>

function ascends(values: readonly number[]): boolean {
  return values.length > 1 && values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0))
}
