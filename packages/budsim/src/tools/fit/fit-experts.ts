/** Fits of fused expert layers. */
import { createExpertWork, type ExpertWork, expertUs } from '../../domain/kernels/expert-times.ts'
import type { ExpertFit } from '../../domain/kernels/kernel-data.ts'
import { type ExpertFormat, ratesOf, WEIGHT_BYTES } from '../../domain/kernels/roofline.ts'
import { fitTimes } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, eachRow, type Point } from './read-table.ts'
import { type FitRow, toDigits } from './report.ts'

const FORMATS: Readonly<Record<string, ExpertFormat>> = {
  bf16: 'bf16',
  fp8: 'fp8',
  fp8_block: 'fp8-block',
  nvfp4: 'nvfp4',
  int4_wo: 'int4',
  w4a16_mxfp4: 'mxfp4-w4a16',
  w4a8_mxfp4_mxfp8: 'mxfp4-w4a8',
}
const GATED = '3'
const MOST_TOKENS = 16384

export function fitExperts(folder: string, gpuById: GpuById, rows: FitRow[]) {
  const best = new BestTimes()
  const columns = ['gpu', 'engine', 'kernel', 'dtype', 'routing', 'n_gemms']
  const sizeColumns = ['hidden_size', 'inter_size', 'topk', 'n_experts', 'tp', 'ep', 'tokens', 'latency_us']
  eachRow(folder, 'moe', [...columns, ...sizeColumns], (fields) => {
    const [gpu = '', engine, kernel = '', dtype = '', routing, matrices, ...rest] = fields
    const format = FORMATS[dtype]
    if (format === undefined || routing !== 'balanced' || matrices !== GATED || kernel.includes('int4')) return
    // vLLM's fp8 experts reach a tenth of the memory's rate on Hopper.
    if (engine === 'vllm' && format === 'fp8' && /H100|H200/.test(gpu)) return
    const numbers = rest.map(Number)
    const us = numbers.pop() ?? 1
    if ((numbers.at(-1) ?? 0) <= MOST_TOKENS) best.add(`${gpu} ${format}`, numbers, us)
  })
  const fits: Record<string, Record<string, ExpertFit>> = {}
  for (const { key, points } of best.groups()) {
    const [id = '', name = ''] = key.split(' ')
    const format = name as ExpertFormat
    const fit = fitGroup(points, ratesOf(gpuById(id), format), WEIGHT_BYTES[format])
    fits[id] = { ...fits[id], [format]: fit }
    rows.push({ gpu: id, kind: `experts ${format}`, ...fit })
  }
  return fits
}

function fitGroup(points: readonly Point[], rates: ReturnType<typeof ratesOf>, weightBytes: number): ExpertFit {
  const work = points.map(({ sizes }): ExpertWork => {
    const [hidden = 1, intermediate = 1, perToken = 1, experts = 1, tensorParallel = 1, expertParallel = 1] = sizes
    const shape = { hidden, intermediate, perToken, experts, tensorParallel, expertParallel }
    const empty = { weightsUs: 0, arithmeticUs: 0, activationsUs: 0 }
    return createExpertWork(shape, rates, weightBytes)(sizes[6] ?? 1, empty)
  })
  const toFit = ([base = 0, weights = 0, flops = 0, activations = 0]: readonly number[]) => ({
    base_us: base,
    weights_factor: weights,
    flops_factor: flops,
    activations_factor: activations,
  })
  const none = { weightsUs: 0, arithmeticUs: 0, activationsUs: 0 }
  const fitted = fitTimes(
    points.map(({ us }) => us),
    [
      { start: 15, least: 1, most: 100 },
      { start: 1.3, least: 0.5, most: 12 },
      { start: 1.5, least: 0.1, most: 6 },
      { start: 2, least: 0.001, most: 6 },
    ],
    (parameters, row) => expertUs({ ...toFit(parameters), rows: 1, median_error: 0, mean_error: 0 }, work[row] ?? none),
  )
  const { rows, median_error, mean_error } = fitted
  return {
    ...toFit(fitted.parameters.map((value) => toDigits(value, 4))),
    rows,
    median_error: toDigits(median_error, 3),
    mean_error: toDigits(mean_error, 3),
  }
}
