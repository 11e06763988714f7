/** What a first token waits for, part by part: each part is by how much the time falls when its cause is taken away. */
import type { Coefficients } from './parameters.ts'
import { type FirstTokenSubject, firstTokenMs } from './ttft-calibration.ts'

export interface FirstTokenParts {
  /** Computing the prompt and launching its kernels. */
  promptMs: number
  /** Prompts of others that are ahead. */
  contentionMs: number
  /** Steps under way. */
  stepMs: number
  /** Accepting, tokenising, scheduling, streaming. */
  requestMs: number
  /** Waiting for a place in the batch. */
  waitMs: number
}

type Cause = Partial<FirstTokenSubject>
const WAIT: Cause = { waitMs: 0 }
const CONTENTION: Cause = { ...WAIT, batch: 0, promptQueueMs: 0 }
const STEP: Cause = { ...CONTENTION, stepMs: 0, schedulerWaitMs: 0 }
const PROMPT: Cause = { ...STEP, prefillMs: 0, layers: 0 }

/** Of several fitted forms their mean; the parts add up to `totalMs`. */
export function firstTokenParts(
  forms: readonly Coefficients[],
  subject: FirstTokenSubject,
  totalMs: number,
): FirstTokenParts {
  const without = (cause: Cause): number =>
    forms.reduce((sum, form) => sum + firstTokenMs(form, { ...subject, ...cause }), 0)
  const [all, noWait, noContention, noStep, noPrompt] = [{}, WAIT, CONTENTION, STEP, PROMPT].map(without) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const scale = totalMs / Math.max(all, Number.MIN_VALUE)
  return {
    waitMs: (all - noWait) * scale,
    contentionMs: (noWait - noContention) * scale,
    stepMs: (noContention - noStep) * scale,
    promptMs: (noStep - noPrompt) * scale,
    requestMs: noPrompt * scale,
  }
}
