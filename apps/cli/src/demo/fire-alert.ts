/** More requests at once than the replicas decode together: they queue, the alert fires; they are answered, it resolves. */
import type { Alert } from '@bud/kernel'
import type { DemoState } from './run-demo.ts'
import { openaiClient, waitFor } from './steps.ts'

const THRESHOLD_REQUESTS = 100
const SURPLUS_REQUESTS = 80
const ANSWER_TOKENS = 1024

export async function fireAndResolve(state: DemoState): Promise<string> {
  const { cli, endpoint } = state
  const { deployment } = await cli.client.endpoints.get({ id: endpoint })
  // The default waits two minutes before it fires; a demonstration should not.
  await cli.client.endpoints.editAlertRule({ id: endpoint, metric: 'queue_depth', for_s: 5 })
  const count = deployment.replicas * deployment.config.max_num_seqs + THRESHOLD_REQUESTS + SURPLUS_REQUESTS
  const openai = await openaiClient(state)
  const stop = new AbortController()
  const keepAsking = async () => {
    while (!stop.signal.aborted) {
      await openai.chat.completions
        .create(
          { model: endpoint, messages: [{ role: 'user', content: 'Count.' }], max_tokens: ANSWER_TOKENS },
          { signal: stop.signal },
        )
        .catch(() => undefined)
    }
  }
  const load = Array.from({ length: count }, keepAsking)
  try {
    const fired = await waitFor(() => findAlert(state, 'firing'), 120_000, 'queue_depth to fire')
    stop.abort()
    await Promise.all(load)
    const resolved = await waitFor(() => findAlert(state, 'resolved', fired.id), 120_000, 'queue_depth to resolve')
    return `${count} requests at once. Fired: ${fired.message}\nStopped asking. Resolved at ${resolved.resolved_at}.`
  } finally {
    stop.abort()
    await Promise.all(load)
    await cli.client.endpoints.editAlertRule({ id: endpoint, metric: 'queue_depth', reset: true })
  }
}

async function findAlert(
  { cli, endpoint }: DemoState,
  wanted: Alert['state'],
  id?: string,
): Promise<Alert | undefined> {
  const alerts = await cli.client.alerts.list({ state: wanted, limit: 100 })
  return alerts.find(
    (alert) =>
      alert.endpoint_name === endpoint && alert.metric === 'queue_depth' && (id === undefined || alert.id === id),
  )
}
