/** GEMM grids from the raw table: the least time over the engines at every size. */
import { createGemm, createRoof } from '../../domain/kernels/gemm-times.ts'
import type { TimeGrid } from '../../domain/kernels/kernel-data.ts'
import { type GemmFormat, ratesOf, WEIGHT_BYTES } from '../../domain/kernels/roofline.ts'
import { errorsOf } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, eachRow, type Point, uncached } from './read-table.ts'
import type { FitRow } from './report.ts'
import { toTimeGrid } from './time-grid.ts'

const FORMATS: Readonly<Record<string, GemmFormat>> = {
  bf16: 'bf16',
  fp8: 'fp8',
  fp8_static: 'fp8',
  fp8_block: 'fp8-block',
  nvfp4: 'nvfp4',
  int8_sq: 'int8',
  int4_wo: 'int4',
}
const POWERS = Array.from({ length: 16 }, (_, i) => 2 ** i)
const M_SIZES = [...POWERS, 48, 96, 192, 384, 768, 1536, 3072].sort((a, b) => a - b)
const WEIGHT_SIZES = [128, 256, 512, 1024, 1536, 2048, 3072, 4096, 5120, 7168, 8192, 12288, 16384, 65536]
/** An m measured at a smaller share of the weights' shapes than this is left out of the grid. */
const LEAST_SHARE = 0.7

export function fitGemm(folder: string, gpuById: GpuById, rows: FitRow[]): Record<string, Record<string, TimeGrid>> {
  const best = new BestTimes()
  eachRow(folder, 'gemm', ['gpu', 'engine', 'dtype', 'm', 'n', 'k', 'latency_us'], (fields) => {
    const [gpu = '', engine = '', dtype = '', m, n, k, us] = fields
    const format = FORMATS[dtype]
    // vLLM's fp8-block times contain a host launch of 57–340 µs.
    if (format === undefined || (engine === 'vllm' && dtype === 'fp8_block')) return
    best.add(`${gpu} ${format}`, [Number(m), Number(n), Number(k)], Number(us))
  })
  const grids: Record<string, Record<string, TimeGrid>> = {}
  for (const { key, points: measured } of best.groups()) {
    const [id = '', name = ''] = key.split(' ')
    const source = { gpu: gpuById(id), format: name as GemmFormat }
    const weightUs = WEIGHT_BYTES[source.format] / ratesOf(source.gpu, source.format).bytesPerUs
    const points = uncached(measured, ([, n = 1, k = 1]) => n * k * weightUs)
    const roof = createRoof(source)
    const grid = toTimeGrid(points, {
      axes: { m: mostlyMeasured(points), n: WEIGHT_SIZES, k: WEIGHT_SIZES },
      roof: ([m = 1, n = 1, k = 1]) => roof(m, n, k),
      rising: ['m'],
    })
    grids[id] = { ...grids[id], [name]: grid }
    const predict = createGemm(grid, source, source)
    const errors = points
      .filter(isBetween(grid))
      .map(({ sizes: [m = 1, n = 1, k = 1], us }) => Math.log(predict(m, n, k) / us))
    rows.push({ gpu: id, kind: `product ${name}, between grid points`, ...errorsOf(Float64Array.from(errors)) })
  }
  return grids
}

function mostlyMeasured(points: readonly Point[]): number[] {
  const shapes = new Set(points.map(({ sizes: [, n, k] }) => `${n},${k}`))
  const counts = new Map<number, number>()
  for (const { sizes } of points) counts.set(sizes[0] ?? 0, (counts.get(sizes[0] ?? 0) ?? 0) + 1)
  return M_SIZES.filter((m) => (counts.get(m) ?? 0) >= LEAST_SHARE * shapes.size)
}

/** Points inside the grid's range and not on it: those the interpolation has to find. */
function isBetween({ axes }: TimeGrid) {
  const sizesByAxis = Object.values(axes)
  const onGrid = sizesByAxis.map((sizes) => new Set(sizes))
  const least = sizesByAxis.map((sizes) => sizes[0] ?? 1)
  return ({ sizes }: Point): boolean =>
    sizes.every((size, axis) => size >= (least[axis] ?? 1)) && sizes.some((size, axis) => !onGrid[axis]?.has(size))
}
