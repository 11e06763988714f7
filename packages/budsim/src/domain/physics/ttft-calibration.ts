/**
 * Time to first token by scenario: prompt, eager launch of its kernels, a step, the engine's request handling, other
 * prompts ahead, scheduler waits, and waiting for a slot (predictor study, section 4). Closed loops have one form; of
 * the other scenarios two are fitted, with and without the launch of kernels, whose geometric mean is less wrong than
 * either.
 */
import { clamp } from '../model-shape.ts'
import { ENGINE_COUNT, type Head } from './heads.ts'
import { block, type Coefficients, type ParameterSpace, parameterSpace } from './parameters.ts'
import { type StepTimes, type Subject, tpotMs } from './step-calibration.ts'

export type TtftForm = 'closed-loop' | 'with-launch' | 'without-launch'
export const ttftForms = (head: Head): readonly TtftForm[] =>
  head === 'closed-loop' ? ['closed-loop'] : ['with-launch', 'without-launch']

/** Waiting for the cache is known poorly: it never counts for more than this many answers. */
const MOST_WAVES = 50
/** Launching and computing overlap: together they last little longer than the longer one. */
const OVERLAP_NORM = 3
const NEARLY_NONE = Math.log(0.01)

/** Clients send a first wave at once and keep one request per slot in flight: about one prompt in fourteen queues. */
const CLOSED_LOOP_SPACE = parameterSpace([
  block('layer_launch_ms', 1, Math.log(0.4), 0.3),
  block('expert_launch_ms', 1, Math.log(0.6), 0.3),
  block('latent_launch_ms', 1, Math.log(1.9), 0.3),
  block('recurrent_launch_ms', 1, Math.log(2.5), 0.3),
  block('prompt', 1, 0, 0.1),
  block('steps', 1, Math.log(0.7), 0.4),
  block('request_ms', 1, Math.log(15), 0.4),
  block('contention', 1, Math.log(0.07), 0.2),
  block('wait', 1, 0, 0.4),
  block('prompt_queue', 1, Math.log(0.05), 0.7),
  block('scheduler_wait', 1, 0, 0.2),
  block('token_us', 1, Math.log(3), 0.7),
  block('engine_launch', ENGINE_COUNT, 0, 0.2),
  block('engine_request', ENGINE_COUNT, 0, 0.4),
  block('engine_contention', ENGINE_COUNT, 0, 0.2),
  block('engine_prompt', ENGINE_COUNT, 0, 0.1),
])

const CONTENTION: Partial<Record<Head, number>> = { 'static-batch': 1, burst: 0.5, 'open-loop': 0.02 }

export function ttftSpace(head: Head, form: TtftForm): ParameterSpace {
  if (form === 'closed-loop') return CLOSED_LOOP_SPACE
  const launches = form === 'with-launch'
  const launch = (name: string, ms: number) =>
    block(name, 1, launches ? Math.log(ms) : NEARLY_NONE, launches ? 0.3 : 0.05)
  return parameterSpace([
    launch('layer_launch_ms', 0.4),
    launch('expert_launch_ms', 0.6),
    launch('latent_launch_ms', 1.6),
    launch('recurrent_launch_ms', 0.6),
    block('prompt', 1, 0, 0.15),
    block('steps', 1, 0, launches ? 0.4 : 0.5),
    block('request_ms', 1, Math.log(10), launches ? 0.5 : 0.7),
    block('contention', 1, Math.log(CONTENTION[head] ?? 0.1), 0.3),
    block('wait', 1, 0, 0.4),
    block('prompt_queue', 1, Math.log(0.05), 0.5),
    block('token_us', 1, NEARLY_NONE, 0.05),
    block('engine_launch', ENGINE_COUNT, 0, launches ? 0.3 : 0.05),
    block('engine_request', ENGINE_COUNT, 0, launches ? 0.5 : 0.9),
    block('engine_contention', ENGINE_COUNT, 0, launches ? 0.3 : 0.4),
    block('engine_all', ENGINE_COUNT, 0, 0.4),
  ])
}

/** What the formula reads of a case once its step times are known. */
export interface FirstTokenSubject {
  layers: number
  expertModel: number
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
  const busy = physics.batch * times.promptMs
  const load = clamp(busy / (busy + one.outputTokens * times.stepMs), 0, 0.97)
  return {
    layers: facts.layers,
    expertModel: facts.experts && !facts.mla && !recurrent ? 1 : 0,
    latent: facts.mla ? 1 : 0,
    recurrent: recurrent ? 1 : 0,
    inputTokens: one.inputTokens,
    batch: physics.batch,
    promptsPerStep: physics.promptsPerStep,
    prefillMs: times.prefillMs,
    promptMs: times.promptMs,
    stepMs: times.stepMs,
    waitMs: physics.waves > 1 ? Math.min(physics.waves - 1, MOST_WAVES) * one.outputTokens * tpotMs(head, times) : 0,
    promptQueueMs: (times.prefillMs * load) / (1 - load),
    schedulerWaitMs: (one.schedulerWaitSteps ?? 0) * (times.stepMs + times.interferenceMs),
    engine: subject.engine,
  }
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? 1

export function firstTokenMs(k: Coefficients, s: FirstTokenSubject): number {
  const launchMs =
    s.layers *
    (at(k.layer_launch_ms, 0) +
      at(k.expert_launch_ms, 0) * s.expertModel +
      at(k.latent_launch_ms, 0) * s.latent +
      at(k.recurrent_launch_ms, 0) * s.recurrent) *
    at(k.engine_launch, s.engine)
  const scale = at(k.prompt, 0) * at(k.engine_prompt, s.engine)
  const prompt = overlapped(s.prefillMs, launchMs) * scale
  const ahead = s.batch * overlapped(s.promptMs, launchMs / s.promptsPerStep) * scale
  return (
    (prompt +
      at(k.steps, 0) * s.stepMs +
      at(k.request_ms, 0) * at(k.engine_request, s.engine) +
      at(k.contention, 0) * at(k.engine_contention, s.engine) * ahead +
      at(k.wait, 0) * s.waitMs +
      at(k.prompt_queue, 0) * s.promptQueueMs +
      at(k.scheduler_wait, 0) * s.schedulerWaitMs +
      at(k.token_us, 0) * 1e-3 * s.inputTokens) *
    at(k.engine_all, s.engine)
  )
}

const overlapped = (a: number, b: number): number => (a ** OVERLAP_NORM + b ** OVERLAP_NORM) ** (1 / OVERLAP_NORM)
