/** What needs a person now, each with its one action. */
import type { Endpoint, ModelSummary } from '@bud/contract'
import type { Alert } from '@bud/kernel'
import type { Tone } from '../../../prepare/states.ts'

export interface AttentionItem {
  key: string
  tone: Tone
  /** Of what, e.g. the endpoint's name. */
  subject: string
  message: string
  since: string
  action: { label: string; to: 'endpoint' | 'model'; id: string }
}

const troubled = new Set(['failed', 'degraded', 'rolling-back'])
const held = new Set(['quarantined', 'scan-incomplete', 'failed'])

/** Firing alerts first, then endpoints that failed or limp, then models that were held back. */
export function toAttention(
  alerts: readonly Alert[],
  endpoints: readonly Endpoint[],
  models: readonly ModelSummary[],
): AttentionItem[] {
  return [
    ...alerts.filter((alert) => alert.state === 'firing').map(fromAlert),
    ...endpoints.filter((endpoint) => troubled.has(endpoint.state.name)).map(fromEndpoint),
    ...models.filter((model) => held.has(model.state.name)).map(fromModel),
  ]
}

const fromAlert = (alert: Alert): AttentionItem => ({
  key: alert.id,
  tone: 'bad',
  subject: alert.endpoint_name,
  message: alert.message,
  since: alert.firing_at ?? alert.pending_at,
  action: { label: 'See metrics', to: 'endpoint', id: alert.endpoint_id },
})

const fromEndpoint = (endpoint: Endpoint): AttentionItem => ({
  key: endpoint.id,
  tone: endpoint.state.name === 'failed' ? 'bad' : 'warn',
  subject: endpoint.name,
  message: endpoint.state.reasons[0]?.message ?? `is ${endpoint.state.name}`,
  since: endpoint.state.since,
  action: { label: 'See why', to: 'endpoint', id: endpoint.id },
})

const fromModel = (model: ModelSummary): AttentionItem => ({
  key: model.id,
  tone: model.state.name === 'scan-incomplete' ? 'warn' : 'bad',
  subject: model.name,
  message: model.state.reasons[0]?.message ?? `is ${model.state.name}`,
  since: model.state.since,
  action: { label: 'See scan', to: 'model', id: model.id },
})
