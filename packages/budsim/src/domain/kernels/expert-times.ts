/** Times of fused expert layers (mixture of experts): reading the experts that were hit, and their arithmetic. */
import type { ExpertFit } from './kernel-data.ts'
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

/** What one GPU does for `tokens` tokens of its expert-parallel group. */
export interface ExpertWork {
  weightsUs: number
  arithmeticUs: number
  activationsUs: number
}

export function expertUs(fit: ExpertFit, { weightsUs, arithmeticUs, activationsUs }: ExpertWork): number {
  const weights = weightsUs * fit.weights_factor
  const arithmetic = arithmeticUs * fit.flops_factor
  return fit.base_us + Math.sqrt(weights * weights + arithmetic * arithmetic) + activationsUs * fit.activations_factor
}

/** Work of one GPU at datasheet rates; experts are hit at random, gated MLPs (three matrices). */
export function createExpertWork(shape: ExpertShape, rates: Rates, weightBytes: number) {
  const { hidden, experts, perToken, expertParallel } = shape
  const weights = (3 * hidden * shape.intermediate) / shape.tensorParallel
  const allExpertsUs = (weights * weightBytes * experts) / expertParallel / rates.bytesPerUs
  const logMissed = Math.log1p(-Math.min(perToken / experts, 1 - 1e-9))
  const arithmeticUs = (2 * weights * perToken) / expertParallel / rates.flopsPerUs
  const activationsUs = (perToken * hidden * 4) / expertParallel / rates.bytesPerUs
  return (tokens: number, work: ExpertWork): ExpertWork => {
    work.weightsUs = allExpertsUs * (1 - Math.exp(Math.max(tokens, 1) * logMissed))
    work.arithmeticUs = tokens * arithmeticUs
    work.activationsUs = tokens * activationsUs
    return work
  }
}

export function createExperts(fit: ExpertFit, rates: Rates, weightBytes: number, shape: ExpertShape) {
  const workOf = createExpertWork(shape, rates, weightBytes)
  const work: ExpertWork = { weightsUs: 0, arithmeticUs: 0, activationsUs: 0 }
  return (tokens: number): number => expertUs(fit, workOf(tokens, work))
}
