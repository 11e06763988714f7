/** What was served, held against the predictor of today: the observation, and the figures that were foretold. */
import {
  type CasePredictor,
  createRefinedPredictor,
  createRowObserver,
  deploymentCaseOf,
  type Observation,
  observe,
} from '@bud/budsim'
import { failed } from '@bud/kernel'
import type { MeasuredFigures, ObservedSubject, PredictedFigures } from '../domain/records.ts'
import type { Context } from './context.ts'

type Case = Parameters<CasePredictor['predict']>[0]

export interface Observed {
  observation: Observation
  measured: MeasuredFigures
  predicted: PredictedFigures
}

export type SubjectContext = Pick<Context, 'predictor' | 'gpus' | 'models' | 'active'>

/** Throws failed, with why, where a subject cannot be predicted (any more). */
export function observeSubject(
  context: SubjectContext,
  projectId: string,
  subject: ObservedSubject,
  { measured, observedAtMs }: { measured: MeasuredFigures; observedAtMs: number },
): Observed {
  if (subject.kind === 'row') return observeRow(context, projectId, subject.cells, observedAtMs)
  const { facts, gpu_type, deployment, load, prefix_cache_share } = subject
  const [gpu] = context.gpus.resolve(gpu_type)
  if (!gpu) throw failed(`GPU type "${gpu_type}" is not in the catalogue.`)
  const one = deploymentCaseOf({
    facts,
    gpu,
    deployment: { ...deployment, replicas: 1 },
    workload: { input_tokens: load.input_tokens, output_tokens: load.output_tokens, prefix_cache_share },
    concurrency: load.concurrency,
  })
  const figures = { ttft: measured.ttft_ms, tpot: measured.tpot_ms, output: measured.output_tokens_per_s }
  return {
    observation: observe(context.predictor, { case: one, measured: figures, observedAtMs }),
    measured,
    predicted: predict(context, projectId, one),
  }
}

function observeRow(
  context: SubjectContext,
  projectId: string,
  cells: Record<string, string>,
  observedAtMs: number,
): Observed {
  const found = createRowObserver(context)({ line: 1, cells, problem: null })
  if (typeof found === 'string') throw failed(found)
  const { ttft, tpot, output } = found.measured
  return {
    observation: { ...found.observation, observedAtMs },
    measured: { ttft_ms: ttft, tpot_ms: tpot, output_tokens_per_s: output },
    predicted: predict(context, projectId, found.case),
  }
}

/** As people are told it now: with the refinement in force. */
function predict({ predictor, active }: SubjectContext, projectId: string, one: Case): PredictedFigures {
  const refinement = active.get(projectId)?.refinement
  const { figures } = (refinement ? createRefinedPredictor(predictor, refinement) : predictor).predict(one)
  return { ttft_ms: figures.ttft, tpot_ms: figures.tpot, output_tokens_per_s: figures.output }
}
