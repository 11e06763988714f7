/**
 * Time to first token by scenario: prompt, eager launch of its kernels, a step, the engine's request handling, other
 * prompts ahead, and waiting for a slot (predictor study, section 4). Two forms are fitted, one with the launch of
 * kernels and one without; their geometric mean is less wrong than either.
 */
import { clamp } from '../model-shape.ts'
import { ENGINE_COUNT, type Head } from './heads.ts'
import { block, type Coefficients, type ParameterBlock, type ParameterSpace, parameterSpace } from './parameters.ts'
import { type StepTimes, type Subject, tpotMs } from './step-calibration.ts'

export const TTFT_FORMS = ['with-launch', 'without-launch'] as const
export type TtftForm = (typeof TTFT_FORMS)[number]

/** Waiting for the cache is known poorly: it never counts for more than this many answers. */
const MOST_WAVES = 50
const SGLANG = 2

const set = (of: ParameterBlock, index: number, start: number): ParameterBlock => ({
  ...of,
  start: of.start.map((value, i) => (i === index ? start : value)),
})

export function ttftSpace(head: Head, form: TtftForm): ParameterSpace {
  const closed = head === 'closed-loop'
  const contention = { 'static-batch': 1, burst: 0.5, 'open-loop': 0.02 } as Partial<Record<Head, number>>
  const launches = form === 'with-launch'
  const launch = (name: string, ms: number) => block(name, 1, Math.log(launches ? ms : 0.01), launches ? 0.3 : 0.05)
  const engineLaunch = block('engine_launch', ENGINE_COUNT, 0, launches ? 0.3 : 0.05)
  const engineRequest = block('engine_request', ENGINE_COUNT, 0, launches ? 0.5 : 0.9)
  return parameterSpace([
    launch('layer_launch_ms', 0.4),
    launch('expert_launch_ms', 0.6),
    launch('latent_launch_ms', 1.6),
    block('prompt', 1, 0, 0.15),
    block('steps', 1, 0, launches ? 0.4 : 0.5),
    block('request_10ms', 1, 0, launches ? 0.5 : 0.7),
    block('contention', 1, Math.log(contention[head] ?? 0.1), 0.3),
    block('wait', 1, 0, 0.4),
    block('prompt_queue', 1, Math.log(0.05), 0.5),
    closed && launches ? set(engineLaunch, SGLANG, Math.log(2)) : engineLaunch,
    closed ? set(engineRequest, SGLANG, Math.log(4)) : engineRequest,
    block('engine_contention', ENGINE_COUNT, 0, launches ? 0.3 : 0.4),
    block('engine_all', ENGINE_COUNT, 0, closed ? 0.05 : 0.4),
  ])
}

/** What the formula reads of a case once its step times are known. */
export interface FirstTokenSubject {
  layers: number
  expertModel: number
  latent: number
  batch: number
  promptsPerStep: number
  prefillMs: number
  promptMs: number
  stepMs: number
  waitMs: number
  promptQueueMs: number
  engine: number
}

export function firstTokenSubject(subject: Subject, times: StepTimes): FirstTokenSubject {
  const { physics, case: one, head } = subject
  const { facts } = one.build
  const busy = physics.batch * times.promptMs
  const load = clamp(busy / (busy + one.outputTokens * times.stepMs), 0, 0.97)
  return {
    layers: facts.layers,
    expertModel: facts.experts && !facts.mla ? 1 : 0,
    latent: facts.mla ? 1 : 0,
    batch: physics.batch,
    promptsPerStep: physics.promptsPerStep,
    prefillMs: times.prefillMs,
    promptMs: times.promptMs,
    stepMs: times.stepMs,
    waitMs: physics.waves > 1 ? Math.min(physics.waves - 1, MOST_WAVES) * one.outputTokens * tpotMs(head, times) : 0,
    promptQueueMs: (times.prefillMs * load) / (1 - load),
    engine: subject.engine,
  }
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? 1

export function firstTokenMs(k: Coefficients, s: FirstTokenSubject): number {
  const launchMs =
    s.layers *
    (at(k.layer_launch_ms, 0) + at(k.expert_launch_ms, 0) * s.expertModel + at(k.latent_launch_ms, 0) * s.latent) *
    at(k.engine_launch, s.engine)
  const prompt = Math.hypot(s.prefillMs, launchMs) * at(k.prompt, 0)
  const ahead = s.batch * Math.hypot(s.promptMs, launchMs / s.promptsPerStep)
  return (
    (prompt +
      at(k.steps, 0) * s.stepMs +
      at(k.request_10ms, 0) * at(k.engine_request, s.engine) * 10 +
      at(k.contention, 0) * at(k.engine_contention, s.engine) * ahead +
      at(k.wait, 0) * s.waitMs +
      at(k.prompt_queue, 0) * s.promptQueueMs) *
    at(k.engine_all, s.engine)
  )
}
