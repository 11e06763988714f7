/** Times of fused expert layers (mixture of experts): reading the experts that were hit, and their arithmetic. */
import type { ExpertFit } from './kernel-data.ts'
import { createCurve } from './log-curve.ts'
import type { Rates } from './roofline.ts'

export interface ExpertShape {
  hidden: number
  /** Of one expert, before tensor parallelism. */
  intermediate: number
  experts: number
  perToken: number
  tensorParallel: number
  expertParallel: number
}

/** One GPU's share of a layer, at datasheet rates. */
export interface ExpertLoad {
  /** Reading one expert's three matrices. */
  expertUs: number
  /** Arithmetic, and moving the activations, of one token of the whole group. */
  tokenFlopsUs: number
  tokenBytesUs: number
  /** Moving one token's activations for every expert it goes to, wherever they are. */
  allTokenBytesUs: number
  localExperts: number
  localIntermediate: number
}

export function expertLoadOf(shape: ExpertShape, rates: Rates, weightBytes: number): ExpertLoad {
  const { hidden, perToken, expertParallel } = shape
  const weights = (3 * hidden * shape.intermediate) / shape.tensorParallel
  const allTokenBytesUs = (perToken * hidden * 4) / rates.bytesPerUs
  return {
    expertUs: (weights * weightBytes) / rates.bytesPerUs,
    tokenFlopsUs: (2 * weights * perToken) / expertParallel / rates.flopsPerUs,
    tokenBytesUs: allTokenBytesUs / expertParallel,
    allTokenBytesUs,
    localExperts: shape.experts / expertParallel,
    localIntermediate: shape.intermediate / shape.tensorParallel,
  }
}

/** Time of one family of kernels for `tokens` tokens of the group that hit the share `coverage` of the experts. */
export function expertUs(fit: ExpertFit, load: ExpertLoad, tokens: number, coverage: number): number {
  const weights = load.expertUs * Math.max(load.localExperts * coverage, 1) * fit.weights_factor
  const arithmetic = tokens * load.tokenFlopsUs * fit.flops_factor
  const longer = Math.max(weights, arithmetic)
  const joint = longer * (1 + (Math.min(weights, arithmetic) / longer) ** fit.sharpness) ** (1 / fit.sharpness)
  const moved = load.tokenBytesUs * fit.activations_factor + load.allTokenBytesUs * fit.all_activations_factor
  return fit.base_us + joint * (1 + fit.narrowness / load.localIntermediate) + tokens * moved
}

/** Share of the experts that tokens hit when each goes to experts of its own choice. */
function randomCoverage({ experts, perToken }: ExpertShape, tokens: number): number {
  return 1 - (1 - Math.min(perToken / experts, 1 - 1e-9)) ** tokens
}

/**
 * Serving has experts in favour: visits are Poisson with a Gamma-distributed rate (shape 1), so fewer distinct experts
 * are read than at random, but never fewer than one token visits.
 */
function servedCoverage(shape: ExpertShape, tokens: number): number {
  const each = shape.perToken / shape.experts
  return Math.min(randomCoverage(shape, tokens), Math.max(each, 1 - 1 / (1 + each * tokens)))
}

/** Token counts between which time is interpolated: quarters of an octave. */
const KNOTS = Array.from({ length: 73 }, (_, i) => 2 ** (i / 4))

/** The fastest family at each number of tokens. */
export function createExperts(families: readonly ExpertFit[], rates: Rates, weightBytes: number, shape: ExpertShape) {
  const load = expertLoadOf(shape, rates, weightBytes)
  const microseconds = KNOTS.map((tokens) => {
    const coverage = servedCoverage(shape, tokens)
    return Math.min(...families.map((fit) => expertUs(fit, load, tokens, coverage)))
  })
  return createCurve(KNOTS, microseconds)
}
