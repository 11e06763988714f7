/** Fits of fused expert layers. */
import { type ExpertLoad, expertLoadOf, expertUs } from '../../domain/kernels/expert-times.ts'
import type { ExpertFit } from '../../domain/kernels/kernel-data.ts'
import { type ExpertFormat, type Rates, ratesOf, WEIGHT_BYTES } from '../../domain/kernels/roofline.ts'
import { errorsOf, fitTimes } from './fit-times.ts'
import type { GpuById } from './gpu-by-id.ts'
import { BestTimes, ENGINES, eachRow, type Point, uncached } from './read-table.ts'
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
/** Kernels alike by a part of their names; the first that occurs counts. */
const FAMILIES = ['marlin', 'triton', 'cutlass', 'deepgemm', 'flashinfer_trtllm', 'torch_flow']
/** A family seen at fewer shapes says too little about others. */
const LEAST_SHAPES = 3

const SIZES = ['hidden_size', 'inter_size', 'topk', 'n_experts', 'tp', 'ep', 'tokens']

export function fitExperts(
  folder: string,
  gpuById: GpuById,
  rows: FitRow[],
): Record<string, Record<string, ExpertFit[]>> {
  const best = new BestTimes()
  const columns = ['gpu', 'engine', 'kernel', 'dtype', 'routing', 'n_gemms']
  eachRow(folder, 'moe', [...columns, ...SIZES, 'latency_us'], (fields) => {
    const [gpu = '', engine = '', kernel = '', dtype = '', routing, matrices, ...rest] = fields
    const format = FORMATS[dtype]
    if (format === undefined || routing !== 'balanced' || matrices !== GATED || kernel.includes('int4')) return
    // vLLM's fp8 experts reach a tenth of the memory's rate on Hopper.
    if (engine === 'vllm' && format === 'fp8' && /H100|H200/.test(gpu)) return
    const sizes = rest.map(Number)
    const us = sizes.pop() ?? 1
    const family = FAMILIES.find((name) => kernel.includes(name)) ?? 'other'
    if (isUsable(sizes)) best.add(`${gpu} ${format} ${ENGINES[engine]} ${family}`, sizes, us)
  })
  const fits: Record<string, Record<string, ExpertFit[]>> = {}
  for (const [key, measured] of Map.groupBy(best.groups(), ({ key: name }) => name.split(' ', 2).join(' '))) {
    const [id = '', name = ''] = key.split(' ')
    const format = name as ExpertFormat
    const rates = ratesOf(gpuById(id), format)
    const groups = measured.map(({ key: of, points }) => ({
      key: of,
      points: uncached(points, (sizes) => weightsUs(situationOf(sizes, rates, WEIGHT_BYTES[format]))),
    }))
    const byEngine = Map.groupBy(groups, (group) => group.key.split(' ')[2])
    const families = [...byEngine.values()]
      .flatMap(wellMeasured)
      .map((group) => fitFamily(group, rates, WEIGHT_BYTES[format]))
      .filter(isPacked)
    fits[id] = { ...fits[id], [format]: families }
    rows.push({ gpu: id, kind: `experts ${format}`, ...errorsOfBest(groups, families, rates, WEIGHT_BYTES[format]) })
  }
  return fits
}

/**
 * Routing was balanced, which hits min(1, tokens·topk/experts) of the experts. DeepSeek-V3's shape was measured with
 * its grouped choice, which then hits an unknown share, so its middle sizes are left out.
 */
function isUsable([
  hidden = 1,
  intermediate = 1,
  perToken = 1,
  experts = 1,
  ,
  ,
  tokens = 1,
]: readonly number[]): boolean {
  if (tokens > MOST_TOKENS) return false
  const perExpert = (tokens * perToken) / experts
  return !(hidden === 7168 && intermediate === 2048 && experts === 256 && perExpert > 0.6 && perExpert < 40)
}

interface Group {
  key: string
  points: readonly Point[]
}

function wellMeasured(groups: readonly Group[]): Group[] {
  const shapes = groups.map(({ points }) => new Set(points.map(({ sizes }) => sizes.slice(0, 4).join())).size)
  const least = Math.min(LEAST_SHAPES, Math.max(...shapes))
  return groups.filter((_, i) => (shapes[i] ?? 0) >= least)
}

/** Four-bit weights read as slowly as sixteen bits were unpacked beforehand, which an engine does not serve from. */
const isPacked = (fit: ExpertFit): boolean => fit.weights_factor < 3

interface Situation {
  load: ExpertLoad
  tokens: number
  coverage: number
}

function situationOf(sizes: readonly number[], rates: Rates, weightBytes: number): Situation {
  const [hidden = 1, intermediate = 1, perToken = 1, experts = 1, tensorParallel = 1, expertParallel = 1] = sizes
  const tokens = sizes[6] ?? 1
  const shape = { hidden, intermediate, perToken, experts, tensorParallel, expertParallel }
  return { load: expertLoadOf(shape, rates, weightBytes), tokens, coverage: Math.min(1, (tokens * perToken) / experts) }
}

const weightsUs = ({ load, coverage }: Situation): number => load.expertUs * Math.max(load.localExperts * coverage, 1)

function fitFamily({ key, points }: Group, rates: Rates, weightBytes: number): ExpertFit {
  const [, , engine = '', kernels = ''] = key.split(' ')
  const situations = points.map(({ sizes }) => situationOf(sizes, rates, weightBytes))
  const toFit = ([
    base = 0,
    weights = 0,
    flops = 0,
    sharpness = 1,
    narrow = 0,
    activations = 0,
    all = 0,
  ]: readonly number[]) => ({
    engine,
    kernels,
    base_us: base,
    weights_factor: weights,
    flops_factor: flops,
    sharpness,
    narrowness: narrow,
    activations_factor: activations,
    all_activations_factor: all,
  })
  const { parameters } = fitTimes(
    points.map(({ us }) => us),
    [
      { start: 15, least: 1, most: 100 },
      { start: 1.3, least: 0.9, most: 12 },
      { start: 1.5, least: 1, most: 12 },
      { start: 2, least: 0.6, most: 6 },
      { start: 50, least: 0.01, most: 500 },
      { start: 2, least: 0.001, most: 12 },
      { start: 0.1, least: 0.001, most: 12 },
    ],
    (values, row) => {
      const situation = situations[row]
      return situation ? expertUs(toFit(values), situation.load, situation.tokens, situation.coverage) : 1
    },
  )
  return toFit(parameters.map((value) => toDigits(value, 4)))
}

/** Errors of the fastest family against the fastest measurement. */
function errorsOfBest(groups: readonly Group[], families: readonly ExpertFit[], rates: Rates, weightBytes: number) {
  const best = new BestTimes()
  for (const { points } of groups) for (const { sizes, us } of points) best.add('', sizes, us)
  const points = best.groups().flatMap((group) => group.points)
  const errors = points.map(({ sizes, us }) => {
    const { load, tokens, coverage } = situationOf(sizes, rates, weightBytes)
    return Math.log(Math.min(...families.map((fit) => expertUs(fit, load, tokens, coverage))) / us)
  })
  return errorsOf(Float64Array.from(errors))
}
