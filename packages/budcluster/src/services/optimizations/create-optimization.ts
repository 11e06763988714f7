/** Searches for the best configuration of a model on a cluster as it is now, and keeps what was found. */
import { findSmallerSibling, searchConfigurations } from '@bud/budsim'
import {
  createId,
  type EngineName,
  invalidInput,
  type ModelFacts,
  type Objective,
  type SearchMethod,
  type Targets,
  type Workload,
} from '@bud/kernel'
import type { ClusterRecord, DeployableModel } from '../../domain/records.ts'
import { observeCluster, requireAnswer, viewCluster } from '../clusters/observe-cluster.ts'
import { type Caller, type Context, isoNow, nameOf } from '../context.ts'
import { deployableModelOf } from '../endpoints/deployable-model-of.ts'
import type { OptimizationRow } from '../store/approvals.ts'
import { requireCluster } from '../store/clusters.ts'
import { requireEndpoint } from '../store/endpoints.ts'
import { type OptimizationResult, optimizations } from '../tables.ts'
import { describeOptimization, type OptimizationDescription } from './describe-optimization.ts'

export interface CreateOptimization {
  model: string
  cluster: string
  workload: Workload
  targets: Targets
  objective: Objective
  runtimes?: EngineName[] | undefined
  confidence?: number | undefined
  allow_quantization?: boolean | undefined
  memory_headroom?: number | undefined
  search?: SearchMethod | undefined
  /** Re-optimisation: this endpoint's own GPUs count as free. */
  endpoint?: string | undefined
}

export async function createOptimization(
  context: Context,
  caller: Caller,
  input: CreateOptimization,
): Promise<OptimizationDescription> {
  const subject = await resolveSubject(context, caller, input)
  const result = await search(context, subject, input)
  const row: OptimizationRow = {
    id: createId('opt', context.clock.nowMs()),
    project_id: caller.project_id,
    model_id: subject.model.model_id,
    model_name: subject.model.name,
    version_id: subject.model.version_id,
    cluster_id: subject.cluster.id,
    cluster_name: subject.cluster.name,
    endpoint_id: subject.endpoint_id,
    workload: input.workload,
    targets: input.targets,
    objective: input.objective,
    result,
    created_by: nameOf(caller),
    created_at: isoNow(context),
  }
  await context.database.query.insert(optimizations).values(row)
  context.events.publish({ project_id: caller.project_id, type: 'optimization.changed', id: row.id })
  return describeOptimization(row, undefined)
}

interface Subject {
  model: DeployableModel
  facts: ModelFacts
  cluster: ClusterRecord
  endpoint_id: string | null
}

async function resolveSubject(context: Context, caller: Caller, input: CreateOptimization): Promise<Subject> {
  const { query } = context.database
  const cluster = await requireCluster(query, caller.project_id, input.cluster)
  const asked = await context.models.resolveForDeployment(caller.project_id, input.model)
  const endpoint =
    input.endpoint === undefined ? undefined : await requireEndpoint(query, caller.project_id, input.endpoint)
  if (endpoint && (endpoint.cluster_id !== cluster.id || endpoint.model_id !== asked.model_id))
    throw invalidInput(
      `Endpoint "${endpoint.name}" (${endpoint.id}) runs ${endpoint.model_name} elsewhere: name its own model and cluster to optimise it again.`,
    )
  const model = endpoint ? await deployableModelOf(context, endpoint) : asked
  if (!model.facts)
    throw invalidInput(
      `Nothing is known yet about the architecture of "${model.name}" (${model.version_id}, ${model.state.name}). Wait until it is available, or register it with a readable config.json.`,
    )
  return { model, facts: model.facts, cluster, endpoint_id: endpoint?.id ?? null }
}

async function search(context: Context, subject: Subject, input: CreateOptimization): Promise<OptimizationResult> {
  const { cluster, facts, model, endpoint_id } = subject
  const observation = requireAnswer(cluster, await observeCluster(context, cluster))
  const view = await viewCluster(context, context.database.query, cluster, observation, endpoint_id ?? undefined)
  const { remedies, ...found } = searchConfigurations({
    facts,
    workload: input.workload,
    targets: input.targets,
    objective: input.objective,
    runtimes: input.runtimes,
    confidence: input.confidence,
    allow_quantization: input.allow_quantization,
    memory_headroom: input.memory_headroom,
    search: input.search,
    sibling: findSmallerSibling(context.catalogue, { name: model.name, facts }),
    nodes: view.nodes.flatMap(({ name, gpu_type, gpus_free, ready }) =>
      ready && gpu_type !== null ? [{ name, gpu_type, free: gpus_free }] : [],
    ),
    gpus: context.gpus.list(),
    predictor: context.predictorOf(cluster.project_id),
  })
  const { runtimes, allow_quantization, memory_headroom } = input
  return { ...found, remedies, runtimes, allow_quantization, memory_headroom }
}
