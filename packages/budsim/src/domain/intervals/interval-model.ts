/**
 * How far measurements lie from predictions, by kind of workload and by how new the model and the GPU are: the 80 %
 * intervals of split conformal prediction on residuals of cases that were left out of training.
 */
import type { Target } from '../physics/calibrated.ts'
import type { Head } from '../physics/heads.ts'
import { isSparseAttention } from '../physics/replica-passes.ts'
import type { ServingCase } from '../physics/serving-case.ts'

/** `new-engine`: model and GPU were measured, but not together with this engine under such loads. */
export type Novelty = 'measured' | 'new-engine' | 'new-model' | 'new-gpu' | 'new-model-and-gpu'

/** ln(measured ÷ predicted) at the interval's ends. */
export interface Bounds {
  low: number
  high: number
}

export interface IntervalModel {
  /** By `intervalGroup`, novelty and target. */
  bounds: Readonly<Record<string, Readonly<Record<Novelty, Readonly<Record<Target, Bounds>>>>>>
  /** Architectures (`modelKey`) and GPUs with rows in the training data. */
  architectures: readonly string[]
  gpus: readonly string[]
}

/** Requests that wait for a slot are predicted much more poorly than those that do not. */
export const intervalGroup = (head: Head, waiting: boolean): string => (waiting ? `${head}, waiting` : head)

/** Layers, hidden size and experts: releases that differ in weights alone are one architecture. */
export const architectureOf = ({ build: { facts } }: ServingCase): string =>
  `${facts.layers}|${facts.hidden_size}|${facts.experts?.count ?? 0}`

/**
 * All that tells one architecture's speed from another's: many share layers and hidden size. Folds leave out the wider
 * families above; what is known, and what observations speak about, is told apart by this.
 */
export function modelKey({ build: { facts } }: ServingCase): string {
  const { attention_heads: heads, kv_heads: kvHeads, head_dim: headDim, intermediate_size: width } = facts
  const attention = isSparseAttention(facts) ? 'sparse' : facts.attention
  const window = facts.sliding_window === null ? '' : `w${facts.sliding_window}`
  const sizes = [facts.layers, facts.hidden_size, heads, kvHeads, headDim, width, facts.vocab_size]
  return [...sizes, facts.experts?.count ?? 0, attention, window].join('|')
}

export function noveltyOf(one: ServingCase, architectures: ReadonlySet<string>, gpus: ReadonlySet<string>): Novelty {
  const model = architectures.has(modelKey(one))
  const gpu = gpus.has(one.build.gpu.id)
  if (model) return gpu ? 'measured' : 'new-gpu'
  return gpu ? 'new-model' : 'new-model-and-gpu'
}
