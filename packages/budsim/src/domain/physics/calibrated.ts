/** A case's three figures by calibrated physics, before the trees: what the residuals are residuals of. */
import type { CasePhysics } from './case-physics.ts'
import { HEADS, type Head, headOf } from './heads.ts'
import type { Coefficients } from './parameters.ts'
import type { ServingCase } from './serving-case.ts'
import { decodingThroughput, type StepTimes, type Subject, stepTimes, subjectOf, tpotMs } from './step-calibration.ts'
import { type FirstTokenSubject, firstTokenMs, firstTokenSubject } from './ttft-calibration.ts'

export interface HeadCalibration {
  step: Coefficients
  ttft: readonly Coefficients[]
}
export type Calibration = Readonly<Record<Head, HeadCalibration>>

export const TARGETS = ['tpot', 'ttft', 'output'] as const
export type Target = (typeof TARGETS)[number]
/** Milliseconds, milliseconds, tokens per second of all replicas. */
export type Figures = Record<Target, number>

export interface CalibratedCase {
  subject: Subject
  times: StepTimes
  firstToken: FirstTokenSubject
  figures: Figures
  /** Output tokens per second with every slot taken. */
  saturated: number
}

export function calibrate(calibration: Calibration, one: ServingCase, physics: CasePhysics): CalibratedCase {
  const head = headOf(one)
  const subject = subjectOf(one, physics, head)
  const { step, ttft } = calibration[head]
  const times = stepTimes(step, subject)
  const firstToken = firstTokenSubject(subject, times)
  const forms = ttft.map((form) => Math.log(firstTokenMs(form, firstToken)))
  const figures = {
    tpot: tpotMs(head, times),
    ttft: Math.exp(forms.reduce((sum, value) => sum + value, 0) / Math.max(forms.length, 1)),
    output: decodingThroughput(subject, times),
  }
  figures.ttft += clientMs(one, figures)
  if (head === 'burst') Object.assign(figures, burstFigures(subject, times))
  figures.output = throughputOf(subject, figures)
  return { subject, times, firstToken, figures, saturated: saturatedThroughput(subject, times) }
}

export const isClosedLoop = ({ scenario }: ServingCase): boolean =>
  scenario === 'closed-loop' || scenario === 'disaggregated'

/** From here on every place is taken. */
const FULL = 0.99

/** A finite rate is delivered exactly, as long as it can be: nothing to learn. */
export const isStatedRate = ({ scenario, requestsPerS }: ServingCase): boolean =>
  scenario === 'open-loop' && requestsPerS !== null && Number.isFinite(requestsPerS)

/**
 * A closed loop delivers what its latencies leave, a finite rate itself, both no more than full places decode; everything
 * else by decoding alone (`figures.output`).
 */
export function throughputOf({ case: one, physics }: Subject, figures: Figures): number {
  const decoding = ((physics.batch * physics.ranks) / figures.tpot) * 1e3
  if (isClosedLoop(one)) {
    const inFlight = one.concurrency ?? physics.batch * physics.ranks
    const byLatency = ((inFlight * one.outputTokens) / (figures.ttft + (one.outputTokens - 1) * figures.tpot)) * 1e3
    return physics.waves > 1 ? Math.min(byLatency, decoding) : byLatency
  }
  if (!isStatedRate(one)) return figures.output
  const wanted = (one.requestsPerS ?? 0) * one.outputTokens
  return physics.batch >= physics.capacity * FULL ? Math.min(wanted, decoding) : wanted
}

/** What a client that starts its requests one after another counts as waiting. */
function clientMs({ clientShare = 0, concurrency, outputTokens }: ServingCase, { ttft, tpot }: Figures): number {
  return concurrency === null ? 0 : (clientShare * (ttft + (outputTokens - 1) * tpot)) / concurrency
}

/** How much longer a burst takes than waves of full batches: uneven lengths, and the last wave's tail. */
const BURST_FACTOR = 1.5

/** All prompts at once: they run in waves of full batches, and first tokens wait for prompts and waves before them. */
function burstFigures({ case: one, physics }: Subject, times: StepTimes): Pick<Figures, 'ttft' | 'output'> {
  const offered = (one.concurrency ?? physics.batch * physics.ranks) / physics.ranks
  const waves = Math.max(offered / physics.batch, 1)
  const promptsMs = physics.batch * times.promptMs
  const waveMs = one.outputTokens * times.stepMs + promptsMs
  return {
    ttft: BURST_FACTOR * Math.max(((waves - 1) / 2) * waveMs + promptsMs / 2, (offered * times.promptMs) / 2),
    output: ((offered * physics.ranks * one.outputTokens) / (BURST_FACTOR * waveMs * waves)) * 1e3,
  }
}

/** Every slot taken: the batch's parts grow with 0.7 of it in the 0.6th power, interference in proportion. */
function saturatedThroughput({ physics }: Subject, times: StepTimes): number {
  const growth = physics.capacity / physics.batch
  const stepMs = times.stepMs * (0.3 + 0.7 * growth ** 0.6) + times.interferenceMs * growth
  return ((physics.capacity * physics.ranks) / stepMs) * 1e3
}

export const emptyCalibration = (of: (head: Head) => HeadCalibration): Calibration =>
  Object.fromEntries(HEADS.map((head) => [head, of(head)])) as Record<Head, HeadCalibration>
