/** GEMM grids from the raw table: the least time over the engines at every size, holes filled by their neighbours. */
import { createGridGemm, createRoof } from '../../domain/kernels/gemm-times.ts'
import type { GemmGrid } from '../../domain/kernels/kernel-data.ts'
import type { GemmFormat } from '../../domain/kernels/roofline.ts'
import { errorsOf } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, eachRow, type Point } from './read-table.ts'
import { type FitRow, toDigits } from './report.ts'

const FORMATS: Readonly<Record<string, GemmFormat>> = {
  bf16: 'bf16',
  fp8: 'fp8',
  fp8_static: 'fp8',
  fp8_block: 'fp8-block',
  nvfp4: 'nvfp4',
  int8_sq: 'int8',
  int4_wo: 'int4',
}
const M_SIZES = [...Array.from({ length: 16 }, (_, i) => 2 ** i), 48, 96, 192, 384, 768, 1536, 3072].sort(
  (a, b) => a - b,
)
const WEIGHT_SIZES = [128, 256, 512, 1024, 1536, 2048, 3072, 4096, 5120, 7168, 8192, 12288, 16384, 65536]
/** An m measured at a smaller share of the weights' shapes than this is left out of the grid. */
const LEAST_SHARE = 0.7
/** What the roofline lacks at small sizes, when holes are filled relative to it. */
const LAUNCH_US = 2

export function fitGemm(folder: string, gpuById: GpuById, rows: FitRow[]): Record<string, Record<string, GemmGrid>> {
  const best = new BestTimes()
  eachRow(folder, 'gemm', ['gpu', 'engine', 'dtype', 'm', 'n', 'k', 'latency_us'], (fields) => {
    const [gpu = '', engine = '', dtype = '', m, n, k, us] = fields
    const format = FORMATS[dtype]
    // vLLM's fp8-block times contain a host launch of 57–340 µs.
    if (format === undefined || (engine === 'vllm' && dtype === 'fp8_block')) return
    best.add(`${gpu} ${format}`, [Number(m), Number(n), Number(k)], Number(us))
  })
  const grids: Record<string, Record<string, GemmGrid>> = {}
  for (const { key, points } of best.groups()) {
    const [id = '', format = ''] = key.split(' ')
    const grid = gridOf(points, createRoof(gpuById(id), format as GemmFormat))
    grids[id] = { ...grids[id], [format]: grid }
    const predict = createGridGemm(grid)
    const errors = points
      .filter(isBetween(grid))
      .map(({ sizes: [m = 1, n = 1, k = 1], us }) => Math.log(predict(m, n, k) / us))
    rows.push({ gpu: id, kind: `gemm ${format}, between grid points`, ...errorsOf(Float64Array.from(errors)) })
  }
  return grids
}

/** Points inside the grid's range and not on it: those the interpolation has to find. */
function isBetween(grid: GemmGrid) {
  const onGrid = [grid.m, grid.n, grid.k].map((sizes) => new Set(sizes))
  const least = [grid.m, grid.n, grid.k].map((sizes) => sizes[0] ?? 1)
  return ({ sizes }: Point): boolean =>
    sizes.every((size, axis) => size >= (least[axis] ?? 1)) && sizes.some((size, axis) => !onGrid[axis]?.has(size))
}

type Roof = ReturnType<typeof createRoof>

function gridOf(points: readonly Point[], roof: Roof): GemmGrid {
  const times = new Map(points.map(({ sizes, us }) => [sizes.join(), us]))
  const shapes = new Set(points.map(({ sizes: [, n, k] }) => `${n},${k}`))
  const measuredN = new Set(points.map(({ sizes: [, n] }) => n))
  const n = WEIGHT_SIZES.filter((size) => measuredN.has(size))
  const k = n
  const m = M_SIZES.filter((size) => {
    let measured = 0
    for (const shape of shapes) if (times.has(`${size},${shape}`)) measured++
    return measured >= LEAST_SHARE * shapes.size
  })
  const efficiency = m.flatMap((mSize) =>
    n.flatMap((nSize) =>
      k.map((kSize) => {
        const us = times.get(`${mSize},${nSize},${kSize}`)
        return us === undefined ? Number.NaN : Math.log(us / (roof(mSize, nSize, kSize) + LAUNCH_US))
      }),
    ),
  )
  const filled = fillHoles(efficiency, [m.length, n.length, k.length])
  const microseconds = filled.map((log, at) => {
    const [kSize, nSize] = [k[at % k.length] ?? 1, n[Math.floor(at / k.length) % n.length] ?? 1]
    const mSize = m[Math.floor(at / (k.length * n.length))] ?? 1
    return toDigits(Math.exp(log) * (roof(mSize, nSize, kSize) + LAUNCH_US), 3)
  })
  return { m, n, k, microseconds }
}

/** Repeatedly gives every hole the mean of its known direct neighbours. */
function fillHoles(values: readonly number[], [mCount, nCount, kCount]: readonly [number, number, number]): number[] {
  let current = [...values]
  const strides = [nCount * kCount, kCount, 1]
  const counts = [mCount, nCount, kCount]
  while (current.some(Number.isNaN)) {
    const known = current
    current = known.map((value, at) => {
      if (!Number.isNaN(value)) return value
      const near = strides.flatMap((stride, axis) => {
        const index = Math.floor(at / stride) % (counts[axis] ?? 1)
        const below = index > 0 ? known[at - stride] : undefined
        const above = index < (counts[axis] ?? 1) - 1 ? known[at + stride] : undefined
        return [below, above].filter((neighbour) => neighbour !== undefined && !Number.isNaN(neighbour))
      })
      return near.length === 0 ? value : near.reduce((sum: number, log) => sum + (log ?? 0), 0) / near.length
    })
  }
  return current
}
