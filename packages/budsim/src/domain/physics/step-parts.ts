/** A decode step part by part, calibrated: each part is what the step takes with it beyond what it takes without any. */
import type { Coefficients } from './parameters.ts'
import type { PassParts } from './replica-passes.ts'
import { type Subject, stepTimes } from './step-calibration.ts'

export interface StepParts extends PassParts {
  /** Scheduling, sampling, detokenising: what is there without any work on the GPU. */
  host: number
  /** Prompts that come in while others decode, per step. */
  interference: number
}

const NOTHING: PassParts = { gemm: 0, attention: 0, experts: 0, collective: 0, elementwise: 0 }

/** Milliseconds per output token of a sequence. */
export function stepParts(k: Coefficients, subject: Subject): StepParts {
  const { physics } = subject
  const timesWith = (decode: PassParts) => stepTimes(k, { ...subject, physics: { ...physics, decode } })
  const host = timesWith(NOTHING).stepMs
  const alone = (part: keyof PassParts): number => timesWith({ ...NOTHING, [part]: physics.decode[part] }).stepMs - host
  return {
    gemm: alone('gemm'),
    attention: alone('attention'),
    experts: alone('experts'),
    collective: alone('collective'),
    elementwise: alone('elementwise'),
    host,
    interference: timesWith(physics.decode).interferenceMs,
  }
}
