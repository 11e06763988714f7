import { invalidInput, type Prediction, type Workload } from '@bud/kernel'
import { parseDeployment } from '../../domain/deployment-document.ts'
import type { Caller, Context } from '../context.ts'

export interface PredictDeployment {
  model: string
  deployment: unknown
  workload: Workload
}

/** Of one configuration, whether it fits anywhere or not: `memory` says the rest. An ambiguous GPU name means its first. */
export async function predictDeployment(
  context: Context,
  caller: Caller,
  { model: name, deployment: document, workload }: PredictDeployment,
): Promise<Prediction> {
  const deployment = parseDeployment(document)
  const [gpu] = context.gpus.resolve(deployment.resources.gpu_type)
  const { facts, version_id } = await context.models.resolveForDeployment(caller.project_id, name)
  if (!facts || !gpu) throw invalidInput(`Nothing is known yet about the architecture of "${name}" (${version_id}).`)
  return context.predictorOf(caller.project_id).predict({ facts, deployment, gpu, workload })
}
