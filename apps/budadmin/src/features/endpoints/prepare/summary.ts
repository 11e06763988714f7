/** Endpoints in words. */
import type { Endpoint } from '@bud/contract'
import { formatInteger, plural } from '../../../prepare/format.ts'

/** "2 of 4 replicas ready". */
export const replicasText = ({ ready_replicas, deployment }: Endpoint): string =>
  `${formatInteger(ready_replicas)} of ${plural(deployment.replicas, 'replica')} ready`

/** "8 × H100-SXM-80GB", over all replicas. */
export const gpusText = ({ deployment: { replicas, resources } }: Endpoint): string =>
  `${formatInteger(replicas * resources.gpu_count)} × ${resources.gpu_type}`

/** The answer of the endpoints page. */
export function describeEndpoints(endpoints: readonly Endpoint[]): string {
  if (endpoints.length === 0) return 'Nothing is deployed yet.'
  const count = (names: string[]) => endpoints.filter((endpoint) => names.includes(endpoint.state.name)).length
  const ready = count(['ready'])
  const broken = count(['failed', 'degraded'])
  const moving = endpoints.length - ready - broken
  const parts = [
    `${formatInteger(ready)} of ${plural(endpoints.length, 'endpoint')} ready`,
    broken > 0 ? `${formatInteger(broken)} need a look` : undefined,
    moving > 0 ? `${formatInteger(moving)} on the way` : undefined,
  ]
  return `${parts.filter((part) => part !== undefined).join(', ')}.`
}

/** While work is under way no other may begin. */
export const isBusy = ({ state }: Endpoint): boolean => !['ready', 'degraded', 'failed'].includes(state.name)

/** Why it cannot be deleted now; undefined when it can. */
export function whyNotDeletable(endpoint: Endpoint): string | undefined {
  if (!isBusy(endpoint)) return undefined
  if (endpoint.state.name === 'deleting') return 'It is being deleted already.'
  return `${UNDER_WAY[endpoint.state.name] ?? 'Its deployment'} is under way: it can be deleted when that has ended.`
}

const UNDER_WAY: Partial<Record<Endpoint['state']['name'], string>> = {
  updating: 'Its update',
  scaling: 'Its scaling',
  'rolling-back': 'Its way back to the last configuration',
}

/** What another configuration does to an endpoint that serves. */
export const ROLLING_UPDATE =
  'New replicas start beside the old ones and take over once they answer. Where too few GPUs are free, old ones stop first to make room, never the last that serves. Traffic goes on.'

/** Traffic flows while at least one replica serves. */
export const takesTraffic = (endpoint: Endpoint): boolean =>
  endpoint.ready_replicas > 0 && ['ready', 'degraded', 'updating', 'scaling'].includes(endpoint.state.name)
