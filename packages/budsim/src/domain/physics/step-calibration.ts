/**
 * Kernel times to step times: what measured serving says the sum of kernels is off by. Blocks: a scale per part, a
 * fixed cost per step, layer and sequence, scales of prompts and their interference, and per engine and vendor.
 */
import type { CasePhysics } from './case-physics.ts'
import { ENGINE_COUNT, ERAS, engineIndex, eraOf, type Head, VENDOR_COUNT, vendorIndex } from './heads.ts'
import { block, blockOf, type Coefficients, type ParameterSpace, parameterSpace } from './parameters.ts'
import type { ServingCase } from './serving-case.ts'

/** A case with its physics and the indices that its coefficients are looked up by. */
export interface Subject {
  case: ServingCase
  physics: CasePhysics
  head: Head
  engine: number
  vendor: number
}

export interface StepTimes {
  stepMs: number
  prefillMs: number
  promptMs: number
  interferenceMs: number
}

const PARTS_SPREAD: Readonly<Record<Head, number>> = {
  'closed-loop': 0.1,
  'static-batch': 0.9,
  legacy: 0.4,
  offline: 0.3,
  'open-loop': 0.3,
  burst: 0.3,
}
/** Static batches come from nine engines of several years and from six vendors: their scales tell more than physics. */
const ENGINE_SPREAD: Partial<Record<Head, number>> = { 'closed-loop': 0.05, 'static-batch': 1 }
/**
 * Step times of other vendors' GPUs against their datasheets, in the order of the vendor groups: no closed loop on them is
 * among the rows, so what offline, open-loop and static measurements say stands in, cautiously.
 */
const UNMEASURED_VENDORS = [1, 1.2, 2, 1.2, 1.3, 1.1, 1.1, 1]
/** Host work of a step in closed loops, by era: TensorRT-LLM's runtime overlaps it, SGLang's scheduler adds to it. */
const ERA_HOST = [1, 0.4, 1.5, 1, 1]
/** NVIDIA's recent GPUs are the scale's unit. */
const UNIT_SPREAD = 1e-3

export function stepSpace(head: Head): ParameterSpace {
  const closed = head === 'closed-loop'
  const engines = closed ? ERAS.length : ENGINE_COUNT
  const vendors = blockOf(
    'vendor_scale',
    closed ? UNMEASURED_VENDORS : new Array(VENDOR_COUNT).fill(1),
    head === 'static-batch' ? 1.5 : 0.5,
  )
  return parameterSpace([
    block('parts', 5, 1, PARTS_SPREAD[head]),
    block('step_ms', 1, 0.3, 1),
    block('layer_10us', 1, 0.3, 1),
    block('sequence_10us', 1, 0.3, 1),
    block('prefill', 1, 1, 0.3),
    block('interference', 1, 1, 0.4),
    block('engine_scale', engines, 1, ENGINE_SPREAD[head] ?? 0.3),
    closed ? blockOf('engine_host', ERA_HOST, 0.3) : block('engine_host', engines, 1, 1),
    { ...vendors, spread: vendors.spread.map((spread, i) => (i === 0 ? UNIT_SPREAD : spread)) },
  ])
}

export function subjectOf(one: ServingCase, physics: CasePhysics, head: Head): Subject {
  const { engine, gpu } = one.build
  return {
    case: one,
    physics,
    head,
    engine: head === 'closed-loop' ? ERAS.indexOf(eraOf(engine, one.engineVersion)) : engineIndex(engine),
    vendor: vendorIndex(gpu),
  }
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? 1

/** Times per output token of a sequence: a speculating step yields several. */
export function stepTimes(k: Coefficients, { physics, case: one, engine, vendor }: Subject): StepTimes {
  const { decode } = physics
  const scale = at(k.engine_scale, engine) * at(k.vendor_scale, vendor)
  const parts =
    decode.gemm * at(k.parts, 0) +
    decode.attention * at(k.parts, 1) +
    decode.experts * at(k.parts, 2) +
    decode.collective * at(k.parts, 3) +
    decode.elementwise * at(k.parts, 4)
  const host = at(k.engine_host, engine)
  const layers = one.build.facts.layers
  const hostMs =
    at(k.step_ms, 0) * host + at(k.layer_10us, 0) * host * 0.01 * layers + at(k.sequence_10us, 0) * 0.01 * physics.batch
  const stepMs = parts * scale + hostMs / physics.acceptedPerStep
  const prompts = at(k.prefill, 0) * scale
  const promptMs = physics.promptMs * prompts
  return {
    stepMs,
    prefillMs: physics.prefillMs * prompts,
    promptMs,
    interferenceMs:
      ((physics.batch / one.outputTokens) * promptMs * at(k.interference, 0)) / one.build.layout.pipelineParallel,
  }
}

export const tpotMs = (head: Head, times: StepTimes): number =>
  head === 'static-batch' ? times.stepMs : times.stepMs + times.interferenceMs

/** Output tokens per second of all ranks by the steps alone: a static batch from start to end, else steady decoding. */
export function decodingThroughput(subject: Subject, times: StepTimes): number {
  const { physics, case: one } = subject
  const { batch, ranks } = physics
  const out = one.outputTokens
  if (subject.head === 'static-batch') {
    return ((ranks * batch * out) / (batch * times.promptMs + Math.max(out - 1, 1) * times.stepMs)) * 1e3
  }
  return ((ranks * batch) / (times.stepMs + times.interferenceMs)) * 1e3
}
