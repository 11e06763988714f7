/** What `bud doctor` and the dashboard show: is every part there and well, and what to do where it is not. */
import type { Cluster, SystemInfo } from '@bud/contract'

type Check = SystemInfo['checks'][number]

export interface Health {
  gatewayUrl: string
  gatewayAnswers: boolean
  databaseAnswers: boolean
  clusters: ReadonlyArray<Pick<Cluster, 'name' | 'state' | 'state_reason'>>
  dashboardBuilt: boolean
}

export function assessHealth({
  gatewayUrl,
  gatewayAnswers,
  databaseAnswers,
  clusters,
  dashboardBuilt,
}: Health): Check[] {
  const check = (name: string, ok: boolean, good: string, bad: string, next: string): Check => ({
    name,
    ok,
    message: ok ? good : bad,
    next_step: ok ? null : next,
  })
  return [
    check('database', databaseAnswers, 'answers', 'does not answer', 'Look at the server log.'),
    check(
      'gateway',
      gatewayAnswers,
      `answers at ${gatewayUrl}`,
      `does not answer at ${gatewayUrl}`,
      'Is its port taken? BUD_GATEWAY_PORT moves it; it is started again by itself.',
    ),
    check(
      'dashboard',
      dashboardBuilt,
      'is built',
      'is not built',
      'Stop, and start again with "npm start", which builds it.',
    ),
    ...clusters.map((cluster) =>
      check(
        `cluster ${cluster.name}`,
        cluster.state === 'ready',
        'is ready',
        cluster.state_reason ?? cluster.state,
        'bud cluster get shows its nodes.',
      ),
    ),
  ]
}
