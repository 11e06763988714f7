/**
 * Time to first token by scenario: prompt, eager launch of its kernels, a step, the engine's request handling, other
 * prompts ahead, scheduler waits, and waiting for a slot (predictor study, section 4). Closed loops have one form; of
 * the other scenarios two are fitted, with and without the launch of kernels, whose geometric mean is less wrong than
 * either.
 */
import { clamp } from '../model-shape.ts'
import { ENGINE_COUNT, ERAS, type Head } from './heads.ts'
import { block, blockOf, type Coefficients, type ParameterSpace, parameterSpace } from './parameters.ts'
import { type StepTimes, type Subject, tpotMs } from './step-calibration.ts'

export type TtftForm = 'closed-loop' | 'with-launch' | 'without-launch'
export const ttftForms = (head: Head): readonly TtftForm[] =>
  head === 'closed-loop' ? ['closed-loop'] : ['with-launch', 'without-launch']

/** Waiting for the cache is known poorly: it never counts for more than this many answers. */
const mostWaves = (head: Head): number => (head === 'closed-loop' ? 1 : 50)
/** Launching and computing overlap: together they last little longer than the longer one. */
const OVERLAP_NORM = 3
const NEARLY_NONE = 0.01

/**
 * Closed loops: constants with a physical reading per era, which measurements may move little. Clients send a first
 * wave at once and keep one request per slot in flight, so about one prompt in fourteen queues.
 */
const CLOSED_LOOP_SPACE = parameterSpace([
  block('layer_launch_ms', 1, 0.4, 0.25),
  block('expert_launch_ms', 1, 0.2, 0.25),
  block('old_expert_launch_ms', 1, 1.2, 0.25),
  block('latent_launch_ms', 1, 1.9, 0.25),
  block('recurrent_launch_ms', 1, 2.6, 0.25),
  // Benchmark prompts are 0.8–1 times their nominal length.
  block('prompt', 1, 0.95, 0.1),
  block('steps', 1, 0.7, 0.3),
  block('wait', 1, 1, 0.4),
  block('prompt_queue', 1, 0.05, 0.7),
  block('scheduler_wait', 1, 1, 0.15),
  block('token_us', 1, 3, 0.5),
  blockOf('engine_launch', [0.7, 1, 1, 1.2, 1], 0.2),
  blockOf('engine_request_ms', [20, 18, 18, 25, 20], 0.35),
  blockOf('engine_contention', [0.065, 0.055, 0.08, 0.1, 0.07], 0.15),
  block('engine_prompt', ERAS.length, 1, 0.1),
])

const CONTENTION: Partial<Record<Head, number>> = { 'static-batch': 1, burst: 0.5, 'open-loop': 0.02 }

export function ttftSpace(head: Head, form: TtftForm): ParameterSpace {
  if (form === 'closed-loop') return CLOSED_LOOP_SPACE
  const launches = form === 'with-launch'
  const launch = (name: string, ms: number) => block(name, 1, launches ? ms : NEARLY_NONE, launches ? 0.3 : 0.05)
  return parameterSpace([
    launch('layer_launch_ms', 0.4),
    launch('expert_launch_ms', 0.6),
    launch('latent_launch_ms', 1.6),
    launch('recurrent_launch_ms', 0.6),
    block('prompt', 1, 1, 0.15),
    block('steps', 1, 1, launches ? 0.4 : 0.5),
    block('wait', 1, 1, 0.4),
    block('prompt_queue', 1, 0.05, 0.5),
    block('token_us', 1, NEARLY_NONE, 0.05),
    block('engine_launch', ENGINE_COUNT, 1, launches ? 0.3 : 0.05),
    block('engine_request_ms', ENGINE_COUNT, 10, launches ? 0.5 : 0.9),
    block('engine_contention', ENGINE_COUNT, CONTENTION[head] ?? 0.1, 0.3),
    block('engine_all', ENGINE_COUNT, 1, 0.4),
  ])
}

/** What the formula reads of a case once its step times are known. */
export interface FirstTokenSubject {
  layers: number
  expertModel: number
  oldExpertModel: number
  latent: number
  recurrent: number
  inputTokens: number
  batch: number
  promptsPerStep: number
  prefillMs: number
  promptMs: number
  stepMs: number
  waitMs: number
  promptQueueMs: number
  schedulerWaitMs: number
  engine: number
}

export function firstTokenSubject(subject: Subject, times: StepTimes): FirstTokenSubject {
  const { physics, case: one, head } = subject
  const { facts } = one.build
  const recurrent = facts.attention === 'hybrid-linear'
  const experts = facts.experts !== null && facts.mla === null && !recurrent
  const oldExperts = head === 'closed-loop' && ERAS[subject.engine] === 'tensorrt-llm before 1.1'
  const busy = physics.batch * times.promptMs
  const load = clamp(busy / (busy + one.outputTokens * times.stepMs), 0, 0.97)
  return {
    layers: facts.layers,
    expertModel: experts && !oldExperts ? 1 : 0,
    oldExpertModel: experts && oldExperts ? 1 : 0,
    latent: facts.mla ? 1 : 0,
    recurrent: recurrent ? 1 : 0,
    inputTokens: one.inputTokens,
    batch: physics.batch,
    promptsPerStep: physics.promptsPerStep,
    prefillMs: times.prefillMs,
    promptMs: times.promptMs,
    stepMs: times.stepMs,
    waitMs:
      physics.waves > 1 ? Math.min(physics.waves - 1, mostWaves(head)) * one.outputTokens * tpotMs(head, times) : 0,
    promptQueueMs: (times.prefillMs * load) / (1 - load),
    schedulerWaitMs: (one.schedulerWaitSteps ?? 0) * (times.stepMs + times.interferenceMs) * physics.acceptedPerStep,
    engine: subject.engine,
  }
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? 1

export function firstTokenMs(k: Coefficients, s: FirstTokenSubject): number {
  const launchMs =
    s.layers *
    (at(k.layer_launch_ms, 0) +
      at(k.expert_launch_ms, 0) * s.expertModel +
      at(k.old_expert_launch_ms, 0) * s.oldExpertModel +
      at(k.latent_launch_ms, 0) * s.latent +
      at(k.recurrent_launch_ms, 0) * s.recurrent) *
    at(k.engine_launch, s.engine)
  const scale = at(k.prompt, 0) * at(k.engine_prompt, s.engine)
  const prompt = overlapped(s.prefillMs, launchMs) * scale
  const ahead = s.batch * overlapped(s.promptMs, launchMs / s.promptsPerStep) * scale
  return (
    (prompt +
      at(k.steps, 0) * s.stepMs +
      at(k.engine_request_ms, s.engine) +
      at(k.engine_contention, s.engine) * ahead +
      at(k.wait, 0) * s.waitMs +
      at(k.prompt_queue, 0) * s.promptQueueMs +
      at(k.scheduler_wait, 0) * s.schedulerWaitMs +
      at(k.token_us, 0) * 1e-3 * s.inputTokens) *
    at(k.engine_all, s.engine)
  )
}

const overlapped = (a: number, b: number): number => (a ** OVERLAP_NORM + b ** OVERLAP_NORM) ** (1 / OVERLAP_NORM)
