/** What another number of replicas comes to, said before anyone asks for it. */
import type { Cluster, Endpoint } from '@bud/contract'
import { plural } from '../../../prepare/format.ts'

export interface ScaleView {
  /** How many more fit; undefined while the cluster is not known. */
  room: string | undefined
  effect: string
  /** More are wanted than fit. */
  tooMany: boolean
}

export function toScaleView(endpoint: Endpoint, cluster: Cluster | undefined, wanted: number | undefined): ScaleView {
  const now = endpoint.deployment.replicas
  const gpus = endpoint.deployment.resources.gpu_count
  const more = (wanted ?? now) - now
  const room = cluster && roomFor(endpoint, cluster)
  const tooMany = room !== undefined && more > room.replicas
  return { room: room && roomText(room), effect: tooMany ? tooManyText(more, room) : effectText(more, gpus), tooMany }
}

interface Room {
  replicas: number
  free: number
  cluster: string
}

/** A replica stays on one node, so GPUs left over on several nodes make none together. */
function roomFor({ id, deployment }: Endpoint, { name, nodes }: Cluster): Room {
  // The deployment may call its GPUs by another name than the nodes; those that it runs on have the right one.
  const own = nodes.find((node) => node.used_by.some((use) => use.endpoint_id === id))?.gpu_type
  const { gpu_type, gpu_count } = deployment.resources
  const fitting = nodes.filter((node) => node.ready && node.gpu_type === (own ?? gpu_type))
  const sum = (count: (free: number) => number) => fitting.reduce((total, node) => total + count(node.gpus_free), 0)
  return { replicas: sum((free) => Math.floor(free / gpu_count)), free: sum((free) => free), cluster: name }
}

function roomText({ replicas, free, cluster }: Room): string {
  const fit = replicas === 0 ? 'No more fit' : `${plural(replicas, 'more fits', 'more fit')}`
  return `${fit}: ${plural(free, 'GPU is', 'GPUs are')} free on ${cluster}.`
}

function tooManyText(more: number, { replicas }: Room): string {
  const have = replicas === 0 ? 'none of them has' : `only ${replicas} ${replicas === 1 ? 'has' : 'have'}`
  return more === 1
    ? 'There is no room for one more. Free GPUs of this type first.'
    : `${more} more are wanted, ${have} room. Ask for fewer, or free GPUs of this type first.`
}

function effectText(more: number, gpus: number): string {
  if (more === 0) return 'Nothing changes.'
  const gap = Math.abs(more)
  return more > 0
    ? `${plural(gap, 'replica')} more, ${plural(gap * gpus, 'GPU')}. Traffic reaches each once it is ready.`
    : `${plural(gap, 'replica')} fewer, ${plural(gap * gpus, 'GPU comes', 'GPUs come')} free. Requests under way finish first.`
}
