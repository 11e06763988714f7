/** What a change of the number of replicas comes to: more GPUs, fewer replicas, or nothing to do. */
import type { Deployment, Reason } from '@bud/kernel'
import type { NodeView } from './capacity.ts'
import { placeReplicas } from './place-replicas.ts'
import type { NodeGpus } from './records.ts'

export interface ScaleQuestion {
  cluster_name: string
  /** With the endpoint's own GPUs counted as used. */
  nodes: readonly NodeView[]
  deployment: Deployment
  gpu_type: string
  from: number
  to: number
  /** Ordinals of the replicas that can serve. */
  ready: readonly number[]
}

export type ScalePlan =
  | { kind: 'none' }
  | { kind: 'up'; added: NodeGpus[] }
  | { kind: 'down' }
  | { kind: 'refused'; reasons: Reason[] }

export function planScale({ cluster_name, nodes, deployment, gpu_type, from, to, ready }: ScaleQuestion): ScalePlan {
  if (to === from) return { kind: 'none' }
  if (to < from)
    return ready.some((ordinal) => ordinal < to)
      ? { kind: 'down' }
      : { kind: 'refused', reasons: [noneKept(from, to, ready.length)] }
  const { placed, reason } = placeReplicas({ cluster_name, nodes, gpu_type, deployment, replicas: to - from })
  if (!placed) return { kind: 'refused', reasons: [{ ...reason, path: 'replicas' }] }
  return { kind: 'up', added: placed.flat() }
}

/** The highest ordinals go, ready or not: with what stays, nothing would serve. */
const noneKept = (from: number, to: number, ready: number): Reason => ({
  code: 'no-ready-replica-kept',
  message: `The first ${to} of its ${from} replicas stay, and none of them is ready (${ready} of all are): nothing would serve.`,
  path: 'replicas',
  next_step:
    'Wait until they are ready, or update it to a configuration that starts; GET /endpoints/{id}/logs shows why they do not.',
})
