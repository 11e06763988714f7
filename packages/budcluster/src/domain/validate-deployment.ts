/** Everything that stands in the way of a deployment, said at once and before anything changes. */
import { checkDeployment, type GpuCatalogue } from '@bud/budsim'
import { BudError, type Deployment, type GpuSpec, messageOf, type Reason, ResourceName, type Stage } from '@bud/kernel'
import { gpuTotals, type NodeView } from './capacity.ts'
import { placeReplicas } from './place-replicas.ts'
import type { DeployableModel, NodeGpus } from './records.ts'

export interface ClusterView {
  id: string
  name: string
  stage: Stage
  /** Null: reachable. */
  unreachable_reason: string | null
  needs_artifacts: boolean
  nodes: NodeView[]
}

export interface DeploymentQuestion {
  /** Left out where the endpoint exists already. */
  name?: { value: string; taken_by: { id: string; state: string } | undefined }
  cluster: ClusterView
  model: DeployableModel
  deployment: Deployment
  gpus: Pick<GpuCatalogue, 'resolve'>
  /** False where somebody else plans the GPUs (a rolling update). */
  check_capacity: boolean
}

export interface DeploymentVerdict {
  reasons: Reason[]
  warnings: Reason[]
  /** The accelerator an alias came down to; undefined when none fits the name and the cluster. */
  gpu: GpuSpec | undefined
  /** Per node, all replicas; empty when they do not fit. */
  placement: NodeGpus[]
}

export function validateDeployment(question: DeploymentQuestion): DeploymentVerdict {
  const reasons = [...nameReasons(question.name), ...clusterReasons(question.cluster), ...modelReasons(question)]
  const choice = chooseGpu(question)
  const licence = licenceReasons(question)
  return {
    ...choice,
    reasons: [...reasons, ...licence.reasons, ...choice.reasons],
    warnings: [...licence.warnings, ...choice.warnings],
  }
}

function nameReasons(name: DeploymentQuestion['name']): Reason[] {
  if (!name) return []
  const parsed = ResourceName.safeParse(name.value)
  if (!parsed.success)
    return [
      {
        code: 'invalid-name',
        message: `"${name.value}" is no endpoint name: ${parsed.error.issues.map((issue) => issue.message).join('; ')}.`,
        path: 'name',
      },
    ]
  if (!name.taken_by) return []
  return [
    {
      code: 'name-taken',
      message: `Endpoint "${name.value}" exists already (${name.taken_by.id}, ${name.taken_by.state}).`,
      path: 'name',
      next_step: 'Choose another name, update that endpoint, or delete it.',
    },
  ]
}

function clusterReasons({ name, id, unreachable_reason }: ClusterView): Reason[] {
  if (unreachable_reason === null) return []
  return [
    {
      code: 'cluster-unreachable',
      message: `Cluster "${name}" (${id}) does not answer.`,
      path: 'cluster',
      evidence: unreachable_reason,
      next_step: 'Try again when it is ready; GET /clusters shows its state.',
    },
  ]
}

/** Everything but `available` refuses. */
const MODEL_STATES: Record<
  Exclude<DeployableModel['state']['name'], 'available'>,
  { says: string; next_step: string }
> = {
  importing: { says: 'is still being imported', next_step: 'Wait until it is available.' },
  scanning: { says: 'is still being scanned', next_step: 'Wait until it is available.' },
  quarantined: {
    says: 'is quarantined: its scan found something',
    next_step: 'Read the findings, repair the files and register it again.',
  },
  'scan-incomplete': { says: 'has not been scanned completely', next_step: 'Scan it again.' },
  failed: { says: 'could not be imported', next_step: 'Read the reasons and register it again.' },
  archived: { says: 'is archived', next_step: 'Choose another version.' },
}

function modelReasons({ model, cluster }: DeploymentQuestion): Reason[] {
  const reasons: Reason[] = []
  const state = model.state.name === 'available' ? undefined : MODEL_STATES[model.state.name]
  if (state)
    reasons.push({
      code: `model-${model.state.name}`,
      message: `Model "${model.name}" (${model.version_id}) ${state.says}.`,
      path: 'model',
      evidence: model.state.reasons.map((reason) => reason.message).join(' ') || undefined,
      next_step: state.next_step,
    })
  if (cluster.needs_artifacts && !model.has_files)
    reasons.push({
      code: 'model-has-no-files',
      message: `Model "${model.name}" is a catalogue entry without files, and cluster "${cluster.name}" loads real weights.`,
      path: 'model',
      next_step: 'Register the model with its files, or deploy it on a simulated cluster.',
    })
  if (!model.facts && !state)
    reasons.push({
      code: 'model-facts-unknown',
      message: `Nothing is known about the architecture of model "${model.name}" (${model.version_id}).`,
      path: 'model',
      next_step: 'Register it again with a readable config.json.',
    })
  return reasons
}

/** By the owner's policy for clusters of this stage. */
function licenceReasons({ model, cluster }: DeploymentQuestion): Pick<DeploymentVerdict, 'reasons' | 'warnings'> {
  const { action, reasons } = model.licence[cluster.stage]
  const located = reasons.map((reason) => ({ path: 'model', ...reason }))
  return { reasons: action === 'block' ? located : [], warnings: action === 'warn' ? located : [] }
}

type Choice = DeploymentVerdict

const unplaced = (reasons: Reason[]): Choice => ({ reasons, warnings: [], gpu: undefined, placement: [] })

/** Of the accelerators an alias means and the cluster has: the first that everything fits on, else the best refusal. */
function chooseGpu(question: DeploymentQuestion): Choice {
  const { cluster, deployment } = question
  const named = resolveGpu(question)
  if (named instanceof BudError) return unplaced(toReasons(named))
  const present = new Set(gpuTotals(cluster.nodes).map((total) => total.gpu_type))
  const candidates = named.filter((gpu) => present.has(gpu.id))
  if (candidates.length === 0) return withoutNodes(question, named)
  const choices = candidates.map((gpu) => assessGpu(question, gpu))
  const chosen = choices.reduce((best, choice) => (choice.reasons.length < best.reasons.length ? choice : best))
  const chosenId = chosen.gpu?.id ?? ''
  if (candidates.length > 1)
    chosen.warnings.push({
      code: 'gpu-type-ambiguous',
      message: `"${deployment.resources.gpu_type}" matches ${candidates.map((gpu) => gpu.id).join(' and ')}; ${chosenId} is used.`,
      path: 'deployment.resources.gpu_type',
      next_step: 'Name the catalogue id to choose yourself.',
    })
  return chosen
}

/** No node to place anything on; whether the configuration could run at all is said all the same. */
function withoutNodes(question: DeploymentQuestion, named: readonly GpuSpec[]): Choice {
  const [first] = named
  const absent = question.cluster.unreachable_reason === null ? [gpuAbsent(question, named)] : []
  if (!first) return unplaced(absent)
  const choice = assessGpu({ ...question, check_capacity: false }, first)
  return { ...choice, reasons: [...absent, ...choice.reasons] }
}

function assessGpu({ cluster, model, deployment, check_capacity }: DeploymentQuestion, gpu: GpuSpec): Choice {
  const check = model.facts ? checkDeployment({ facts: model.facts, deployment, gpu }) : { blocking: [], warnings: [] }
  const placement = check_capacity
    ? placeReplicas({
        cluster_name: cluster.name,
        nodes: cluster.nodes,
        gpu_type: gpu.id,
        deployment,
        replicas: deployment.replicas,
      })
    : { placed: [], reason: null }
  return {
    reasons: [...check.blocking, ...(placement.reason ? [placement.reason] : [])],
    warnings: [...check.warnings],
    gpu,
    placement: placement.placed?.flat() ?? [],
  }
}

function resolveGpu({ gpus, deployment }: DeploymentQuestion): GpuSpec[] | BudError {
  try {
    return gpus.resolve(deployment.resources.gpu_type)
  } catch (error) {
    if (error instanceof BudError) return error
    throw error
  }
}

const toReasons = (error: BudError): Reason[] =>
  error.reasons.length > 0
    ? [...error.reasons]
    : [{ code: 'unknown-gpu-type', message: messageOf(error), path: 'deployment.resources.gpu_type' }]

function gpuAbsent({ cluster, deployment }: DeploymentQuestion, named: readonly GpuSpec[]): Reason {
  const has = gpuTotals(cluster.nodes).map((total) => `${total.total} × ${total.gpu_type}`)
  return {
    code: 'gpu-type-absent',
    message: `Cluster "${cluster.name}" has no ${named.map((gpu) => gpu.id).join(' or ') || deployment.resources.gpu_type}; it has ${has.join(', ') || 'no GPUs'}.`,
    path: 'deployment.resources.gpu_type',
    next_step: 'Use a GPU type that the cluster has, or another cluster.',
  }
}
