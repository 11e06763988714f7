/** A search as people write it down (request.json, or flags): names resolved, every problem named at once. */
import {
  Confidence,
  EngineName,
  invalidInput,
  type ModelFacts,
  Objective,
  type Reason,
  reasonsOf,
  SearchMethod,
  Targets,
  type Workload,
} from '@bud/kernel'
import { z } from 'zod'
import type { GpuCatalogue } from '../../domain/gpu-catalogue.ts'
import type { ModelCatalogue } from '../../domain/model-catalogue.ts'
import { findSmallerSibling } from '../../domain/smaller-sibling.ts'
import { resolveWorkload, StatedWorkload } from '../../domain/workload/stated-workload.ts'
import type { SearchQuery } from '../search/search-types.ts'
import { issueReasons } from './issue-reasons.ts'
import { nodesOf } from './nodes.ts'
import { resolveModel, StatedModel } from './stated-model.ts'

const MOST_GPUS = 10_000
const Gpus = z.int().min(1).max(MOST_GPUS)

const StatedNode = z.strictObject({
  name: z.string().min(1).optional(),
  count: z.int().min(1).max(1000).default(1).describe('So many of these nodes.'),
  gpu_type: z.string().describe('Catalogue id or alias.'),
  gpus: z.int().min(1).max(128).describe('Free on each.'),
})

/** What there is to place replicas on: nodes, or GPUs per type in nodes as they are usually built. */
const OptimizationRequest = z
  .strictObject({
    model: StatedModel,
    nodes: z.array(StatedNode).min(1).max(1000).optional(),
    gpus: z.record(z.string(), Gpus).optional().describe('GPU type → how many are free.'),
    workload: StatedWorkload.prefault({}),
    targets: Targets.prefault({}),
    objective: Objective.default('cost'),
    runtimes: z.array(EngineName).min(1).optional(),
    confidence: Confidence.optional(),
    allow_quantization: z.boolean().optional(),
    memory_headroom: z.number().min(0.02).max(0.5).optional(),
    pipeline_across_nodes: z.boolean().optional(),
    search: SearchMethod.optional(),
    seed: z.int().min(0).optional(),
  })
  .refine(({ nodes, gpus }) => (nodes === undefined) !== (gpus === undefined), {
    message: 'state nodes or gpus, one of the two',
    path: ['nodes'],
  })

export interface ResolvedRequest {
  model: { name: string; facts: ModelFacts }
  query: Omit<SearchQuery, 'predictor'>
  /** What names were read as. */
  notes: string[]
}

/** Throws invalid-input with every problem and its path. */
export function resolveRequest(
  value: unknown,
  { gpus, models }: { gpus: GpuCatalogue; models: ModelCatalogue },
): ResolvedRequest {
  const parsed = OptimizationRequest.safeParse(value)
  if (!parsed.success) throw refusal(parsed.error.issues.flatMap(issueReasons))
  const { model: statedModel, nodes: statedNodes, gpus: statedGpus, workload: statedWorkload, ...rest } = parsed.data
  const problems: Reason[] = []
  const notes: string[] = []
  const model = attempt(problems, 'model', () => resolveModel(statedModel, models, notes))
  const nodes = nodesOf({ nodes: statedNodes, gpus: statedGpus }, (text, path) =>
    attempt(problems, path, () => resolveGpu(gpus, text, notes)),
  )
  const workload = resolvedWorkload(statedWorkload, problems)
  if (!model || !workload || problems.length > 0) throw refusal(problems)
  const sibling = findSmallerSibling(models.list(), model)
  return { model, notes, query: { ...rest, facts: model.facts, workload, nodes, gpus: gpus.list(), sibling } }
}

function refusal(problems: readonly Reason[]): Error {
  const listed = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join(' · ')
  return invalidInput(
    `The request has ${problems.length} problem${problems.length === 1 ? '' : 's'}: ${listed}`,
    problems,
  )
}

function attempt<T>(problems: Reason[], path: string, resolve: () => T): T | undefined {
  try {
    return resolve()
  } catch (error) {
    problems.push(...reasonsOf(error).map((reason) => ({ ...reason, path: withinPath(path, reason.path) })))
    return undefined
  }
}

const withinPath = (path: string, inner: string | undefined): string =>
  path === 'model' && inner && inner !== 'model' ? `model.config.${inner}` : path

function resolveGpu(gpus: GpuCatalogue, text: string, notes: string[]): string {
  const [first, ...others] = gpus.resolve(text)
  if (!first) throw invalidInput(`No GPU type "${text}" in the catalogue.`)
  if (first.id !== text) {
    const also = others.length > 0 ? ` (it may also be ${others.map(({ id }) => id).join(', ')})` : ''
    notes.push(`${text} is read as ${first.id}${also}.`)
  }
  return first.id
}

function resolvedWorkload(stated: z.output<typeof StatedWorkload>, problems: Reason[]): Workload | undefined {
  const resolved = resolveWorkload(stated)
  if ('workload' in resolved) return resolved.workload
  problems.push(...resolved.problems)
  return undefined
}
