/** The committed kernel measurements (data/kernels): GEMM grids, collective curves and fitted parameters, as documents. */
import { z } from 'zod'

const nonNegative = z.number().nonnegative()
/** Checked by one loop: the grids hold some 170,000 numbers, and every start reads them. */
const positives = z.custom<number[]>(
  (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'number' && entry > 0),
  'is not a list of positive numbers',
)

/** Best times over the engines on a grid of sizes; `microseconds` has the last axis running fastest. */
export interface TimeGrid {
  axes: Readonly<Record<string, readonly number[]>>
  microseconds: readonly number[]
}

/** Typed by hand: the schema only has to know the axes' names. */
function timeGrid(...names: string[]): z.ZodType<TimeGrid> {
  return z
    .strictObject({
      axes: z.strictObject(Object.fromEntries(names.map((name) => [name, positives]))),
      microseconds: positives,
    })
    .refine(({ axes, microseconds }) => microseconds.length === cellsOf(axes), {
      error: `holds another number of times than ${names.join(' × ')} says`,
    })
    .refine(({ axes }) => Object.values(axes).every(ascends), { error: 'has a size axis that does not ascend' })
}

/** Best times over the engines by message size. */
const CollectiveCurve = z
  .strictObject({ bytes: positives, microseconds: positives })
  .refine((curve) => curve.bytes.length === curve.microseconds.length, { error: 'has bytes without a time' })
  .refine((curve) => ascends(curve.bytes), { error: 'has not two ascending message sizes' })
export type CollectiveCurve = z.infer<typeof CollectiveCurve>

/** One family of kernels that compute experts: factors on the times at datasheet rates (see `expertUs`). */
const ExpertFit = z.strictObject({
  engine: z.string(),
  kernels: z.string(),
  base_us: nonNegative,
  weights_factor: nonNegative,
  flops_factor: nonNegative,
  sharpness: nonNegative.min(0.1),
  narrowness: nonNegative,
  activations_factor: nonNegative,
  all_activations_factor: nonNegative,
})
export type ExpertFit = z.infer<typeof ExpertFit>

const byGpu = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value)
const byGpuAnd = <Value extends z.ZodType>(value: Value) => byGpu(z.record(z.string(), value))

export const KernelData = z.strictObject({
  /** data/kernels/gemm.json: GPU → format → grid. */
  gemm: byGpuAnd(timeGrid('m', 'n', 'k')),
  /** data/kernels/attention.json: by GPU, decode by the format of the KV cache too. */
  attention: z.strictObject({
    decode: byGpuAnd(timeGrid('head_dim', 'heads_per_kv_head', 'kv_heads_times_sequences', 'context_tokens')),
    prefill: byGpu(timeGrid('head_dim', 'heads_per_kv_head', 'heads_times_sequences', 'tokens')),
    latent_decode: byGpuAnd(timeGrid('heads', 'sequences', 'context_tokens')),
    latent_prefill: byGpu(timeGrid('heads_times_sequences', 'tokens')),
  }),
  /** data/kernels/collectives.json: GPU → collective → number of GPUs → curve. */
  collectives: byGpu(z.record(z.string(), z.record(z.string(), CollectiveCurve))),
  /** data/kernels/experts.json: GPU → format → families of kernels; the fastest of an engine counts. */
  experts: byGpuAnd(z.array(ExpertFit).min(1)),
})
export type KernelData = z.infer<typeof KernelData>

function ascends(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0))
}

function cellsOf(axes: TimeGrid['axes']): number {
  return Object.values(axes).reduce((cells, sizes) => cells * sizes.length, 1)
}
