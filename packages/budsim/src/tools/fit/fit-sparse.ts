/** Grids of dynamic-sparse-attention blocks (DeepSeek-V3.2 and GLM-5, block-scaled FP8). */
import type { SparsePrefill, TimeGrid } from '../../domain/kernels/kernel-data.ts'
import { type Rates, ratesOf } from '../../domain/kernels/roofline.ts'
import {
  createSparseDecode,
  createSparsePrefill,
  indexPairUs,
  sparseDecodeUs,
  sparsePrefillUs,
} from '../../domain/kernels/sparse-times.ts'
import { errorsOf } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, ENGINES, eachRow, type Point, powersOfTwo } from './read-table.ts'
import type { FitRow } from './report.ts'
import { toTimeGrid } from './time-grid.ts'

const HEADS = powersOfTwo(8, 128)
const CONTEXTS = [16, 64, 256, ...powersOfTwo(1024, 131072)]
const PROMPTS = [1, 64, 256, ...powersOfTwo(1024, 32768)]
/** Engines that launch prompts one kernel at a time wait for the host below this multiple of their least time. */
const HOST_BOUND = 2
/** Cached tokens times new ones from which a row says what scoring costs. */
const MANY_PAIRS = 1e8

export function fitSparseAttention(folder: string, gpuById: GpuById, rows: FitRow[]) {
  const decode = new BestTimes()
  const prefill = new BestTimes()
  const columns = ['gpu', 'engine', 'op', 'phase', 'kernel', 'gemm_dtype', 'latency_us']
  const sizes = ['n_heads', 'batch_size', 'query_len_tokens', 'kv_len_tokens']
  eachRow(folder, 'sparse_attention_module', [...columns, ...sizes], (fields) => {
    const [gpu, engine = '', op, phase, kernel = '', weights, us, ...rest] = fields
    // Layers that reuse the previous layer's picks skip the indexer.
    if (op !== 'dsa' || weights !== 'fp8_block' || kernel.includes('skip_indexer')) return
    const [heads = 1, sequences = 1, newTokens = 1, context = 1] = rest.map(Number)
    if (phase === 'context') {
      prefill.add(`${gpu} ${ENGINES[engine]}`, [heads, sequences, newTokens, context - newTokens], Number(us))
    } else if (newTokens === 1) decode.add(`${gpu} ${ENGINES[engine]}`, [heads, sequences, context - 1], Number(us))
  })
  const sparse_decode: Record<string, Record<string, TimeGrid>> = {}
  for (const { key, points } of decode.groups()) {
    const [id = '', engine = ''] = key.split(' ')
    const grid = fitDecode(points, ratesOf(gpuById(id), 'fp8-block'))
    sparse_decode[id] = { ...sparse_decode[id], [engine]: grid }
    rows.push({
      gpu: id,
      kind: `sparse decode, ${engine}`,
      ...decodeErrors(points, grid, ratesOf(gpuById(id), 'fp8-block')),
    })
  }
  const sparse_prefill: Record<string, SparsePrefill> = {}
  for (const [id, groups] of Map.groupBy(prefill.groups(), ({ key }) => key.split(' ')[0] ?? '')) {
    const rates = ratesOf(gpuById(id), 'fp8-block')
    const points = bestOf(groups.flatMap(({ points: ofEngine }) => withoutHost(ofEngine)))
    const fit = fitPrefill(points, rates)
    sparse_prefill[id] = fit
    rows.push({ gpu: id, kind: 'sparse prefill', ...prefillErrors(points, fit, rates) })
  }
  return { sparse_decode, sparse_prefill }
}

function fitDecode(points: readonly Point[], rates: Rates): TimeGrid {
  return toTimeGrid(points, {
    axes: { heads: HEADS, sequences: powersOfTwo(1, 1024), context_tokens: CONTEXTS },
    roof: ([heads = 1, sequences = 1, context = 1]) => sparseDecodeUs(rates, heads, sequences, context),
    rising: ['heads', 'sequences', 'context_tokens'],
  })
}

/** Without what waited for the host; with nothing cached some engine launches graphs, and the least time counts. */
function withoutHost(points: readonly Point[]): Point[] {
  const least = Math.min(...points.map(({ us }) => us))
  return points.filter(({ sizes, us }) => sizes[3] === 0 || us > HOST_BOUND * least)
}

function bestOf(points: readonly Point[]): Point[] {
  const best = new BestTimes()
  for (const { sizes, us } of points) best.add('', sizes, us)
  return best.groups().flatMap((group) => group.points)
}

function fitPrefill(points: readonly Point[], rates: Rates): SparsePrefill {
  const alone = points.flatMap(({ sizes: [heads = 1, sequences = 1, tokens = 1, cached = 0], us }) =>
    sequences === 1 && cached === 0 ? [{ sizes: [heads, tokens], us }] : [],
  )
  const plain = toTimeGrid(alone, {
    axes: { heads: HEADS, tokens: PROMPTS },
    roof: ([heads = 1, tokens = 1]) => sparsePrefillUs(rates, heads, tokens),
    rising: ['heads', 'tokens'],
  })
  const timeOf = bindByHeads((heads) => createSparsePrefill({ plain, index_factor: 0 }, rates, rates, heads))
  const factors = points.flatMap(({ sizes: [heads = 1, sequences = 1, tokens = 1, cached = 0], us }) => {
    const pairs = sequences * tokens * cached
    if (pairs < MANY_PAIRS) return []
    return [(us - timeOf(heads)(sequences, tokens, cached)) / (pairs * indexPairUs(rates))]
  })
  const middle = factors.sort((a, b) => a - b)[Math.floor(factors.length / 2)] ?? 2
  return { plain, index_factor: Number(Math.max(middle, 1).toPrecision(3)) }
}

function decodeErrors(points: readonly Point[], grid: TimeGrid, rates: Rates) {
  const timeOf = bindByHeads((heads) => createSparseDecode(grid, rates, rates, heads))
  return errorsOf(
    Float64Array.from(points, ({ sizes: [heads = 1, sequences = 1, context = 1], us }) =>
      Math.log(timeOf(heads)(sequences, context) / us),
    ),
  )
}

function prefillErrors(points: readonly Point[], fit: SparsePrefill, rates: Rates) {
  const timeOf = bindByHeads((heads) => createSparsePrefill(fit, rates, rates, heads))
  return errorsOf(
    Float64Array.from(points, ({ sizes: [heads = 1, sequences = 1, tokens = 1, cached = 0], us }) =>
      Math.log(timeOf(heads)(sequences, tokens, cached) / us),
    ),
  )
}

function bindByHeads<Time>(bind: (heads: number) => Time): (heads: number) => Time {
  const bound = new Map<number, Time>()
  return (heads) => {
    const time = bound.get(heads) ?? bind(heads)
    bound.set(heads, time)
    return time
  }
}
