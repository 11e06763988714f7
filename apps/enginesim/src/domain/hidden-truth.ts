/**
 * How reality differs from the physics in this simulated world: a constant distortion per (model, GPU, engine) and
 * noise per step. budsim must never import this file. A predictor that knew it would be right by construction, and
 * comparing predicted with actual, refining and diagnosing would prove nothing.
 *
 * The distortion stays in the range that careful predictors show against measured rows (docs: a median error of
 * 10–20 %): prefill 0.85–1.35 ×, decode 0.90–1.25 ×, 0.1–1.2 ms of host time a step, 3–6 % noise.
 */
import type { EngineName, ModelFacts } from '@bud/kernel'
import { createRandom, hashText, normal } from './random.ts'

export interface HiddenTruth {
  /** What a step really takes, in milliseconds, given what physics says of its two parts. */
  stepMs(physics: { decodeMs: number; prefillMs: number }): number
}

export function createHiddenTruth(
  setting: { facts: ModelFacts; gpu: string; engine: EngineName },
  noiseSeed: number,
): HiddenTruth {
  const { facts, gpu, engine } = setting
  const model = [facts.architecture, facts.layers, facts.hidden_size, facts.parameter_count, facts.weight_precision]
  const draw = createRandom(hashText([...model, gpu, engine].join('|')))
  const prefillFactor = between(draw(), 0.85, 1.35)
  const decodeFactor = between(draw(), 0.9, 1.25)
  const hostMs = between(draw(), 0.1, 1.2)
  const sigma = between(draw(), 0.03, 0.06)
  const noise = createRandom(noiseSeed)
  return {
    stepMs: ({ decodeMs, prefillMs }) =>
      (decodeFactor * decodeMs + prefillFactor * prefillMs + hostMs) * Math.exp(sigma * clamp(normal(noise))),
  }
}

const between = (share: number, low: number, high: number) => low * (high / low) ** share
const clamp = (z: number) => Math.max(-3, Math.min(3, z))
