/** Which cached answers an event makes old. */
import { api } from '../../../api.ts'

export interface LiveEvent {
  type: string
  id: string
}

type Key = readonly unknown[]

const keysByType: Record<string, (id: string) => Key[]> = {
  'model.changed': () => [api.models.key()],
  'cluster.changed': () => [api.clusters.key()],
  // An endpoint that comes or goes also changes what is free on its cluster and what uses its model.
  'endpoint.changed': (id) => [
    api.endpoints.list.key(),
    api.endpoints.get.key({ input: { id } }),
    api.endpoints.alertRules.key({ input: { id } }),
    api.endpoints.observations.key(),
    api.clusters.key(),
    api.models.get.key(),
  ],
  'operation.changed': (id) => [api.operations.get.key({ input: { id } }), api.operations.list.key()],
  'alert.changed': () => [api.alerts.key()],
  'optimization.changed': () => [api.optimizations.key()],
  'refinement.changed': () => [api.endpoints.observations.key()],
}

/** Unknown types change nothing: a newer server may speak of things that this dashboard does not show. */
export function changedKeys(events: readonly LiveEvent[]): Key[] {
  const keys = new Map<string, Key>()
  for (const event of events) {
    for (const key of keysByType[event.type]?.(event.id) ?? []) keys.set(JSON.stringify(key), key)
  }
  return [...keys.values()]
}
