/** What is wrong, since when, and where? */
import type { Alert } from '@bud/kernel'
import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { alertsQuery } from './api/alerts.ts'
import { AlertsList } from './components/alerts-list.tsx'
import { describeAlerts } from './prepare/alerts.ts'
import { type AlertState, alertStates } from './prepare/search.ts'

const route = getRouteApi('/app/alerts')

export function AlertsPage() {
  const { state } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(alertsQuery())
  return (
    <Page title="Alerts" answer={query.data ? describeAlerts(query.data) : 'Rules watch every endpoint.'}>
      <div>
        <SegmentedControl
          aria-label="State"
          data={[
            { value: 'all', label: 'All' },
            { value: 'firing', label: 'Firing' },
            { value: 'pending', label: 'Pending' },
            { value: 'resolved', label: 'Resolved' },
          ]}
          value={state ?? 'all'}
          onChange={(value) =>
            void navigate({ search: { state: alertStates.find((one) => one === value) }, replace: true })
          }
        />
      </div>
      <Loaded query={query} height={240}>
        {(alerts) => <Shown alerts={alerts.filter((alert) => !state || alert.state === state)} state={state} />}
      </Loaded>
    </Page>
  )
}

function Shown({ alerts, state }: { alerts: readonly Alert[]; state: AlertState | undefined }) {
  if (alerts.length > 0) return <AlertsList alerts={alerts} />
  return (
    <Panel>
      <EmptyState title={state ? `No ${state} alerts` : 'No alerts'}>
        Five rules watch each endpoint: latency, time to first token, throughput, GPU use and queue. Their thresholds
        are on the endpoint's page under Alert rules.
      </EmptyState>
    </Panel>
  )
}
