/** Is it healthy, and as predicted? */
import type { EndpointDetail } from '@bud/contract'
import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, lazyRouteComponent } from '@tanstack/react-router'
import { EmptyState } from '../../components/empty-state.tsx'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { withoutApiHints } from '../../prepare/api-hints.ts'
import { toProblem } from '../../prepare/problem.ts'
import { AlertRules } from '../alerts/components/alert-rules.tsx'
import { MetricsPanel } from '../metrics/components/metrics-panel.tsx'
import { describeWorkload } from '../optimise/prepare/result.ts'
import { endpointQuery } from './api/endpoint.ts'
import { EndpointActions } from './components/endpoint-actions.tsx'
import { EndpointAnswer } from './components/endpoint-answer.tsx'
import { Logs } from './components/logs.tsx'
import { ObservationsPanel } from './components/observations-panel.tsx'
import { OperationPanel } from './components/operation-panel.tsx'
import { ReplicasTable } from './components/replicas-table.tsx'
import classes from './endpoint-page.module.css'
import { defaultRange } from './prepare/range.ts'
import { type EndpointTab, endpointTabs } from './prepare/search.ts'

const Configuration = lazyRouteComponent(() => import('./components/configuration.tsx'), 'Configuration')
const Playground = lazyRouteComponent(() => import('../playground/components/playground.tsx'), 'Playground')

const route = getRouteApi('/app/endpoints/$endpointId')

const tabNames: Record<EndpointTab, string> = {
  overview: 'Overview',
  chat: 'Chat',
  configuration: 'Configuration',
  alerts: 'Alert rules',
  logs: 'Logs',
}

export function EndpointPage() {
  const { endpointId } = route.useParams()
  const query = useQuery(endpointQuery(endpointId))
  if (query.error && toProblem(query.error).status === 404) return <Gone message={toProblem(query.error).message} />
  return (
    <Loaded query={query} height={480} page="Endpoint">
      {(endpoint) => <EndpointView endpoint={endpoint} />}
    </Loaded>
  )
}

function Gone({ message }: { message: string }) {
  return (
    <Page title="Endpoint" above={<TextLink to="/endpoints">Endpoints</TextLink>}>
      <Panel>
        <EmptyState title="This endpoint is gone" action={<ButtonLink to="/endpoints">All endpoints</ButtonLink>}>
          {withoutApiHints(message).text}
        </EmptyState>
      </Panel>
    </Page>
  )
}

function EndpointView({ endpoint }: { endpoint: EndpointDetail }) {
  const { tab = 'overview' } = route.useSearch()
  const navigate = route.useNavigate()
  const show = (name: string | null) => {
    const next = endpointTabs.find((one) => one === name)
    void navigate({ search: (before) => ({ ...before, tab: next === 'overview' ? undefined : next }) })
  }
  return (
    <Page
      title={endpoint.name}
      above={<TextLink to="/endpoints">Endpoints</TextLink>}
      answer={<EndpointAnswer endpoint={endpoint} />}
      actions={<EndpointActions endpoint={endpoint} />}
    >
      <Tabs value={tab} onChange={show} keepMounted={false}>
        <Tabs.List mb="md" className={classes.tabs}>
          {endpointTabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {tabNames[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview endpoint={endpoint} />
        </Tabs.Panel>
        <Tabs.Panel value="chat">
          <Playground endpoint={endpoint} />
        </Tabs.Panel>
        <Tabs.Panel value="configuration">
          <Configuration endpoint={endpoint} />
        </Tabs.Panel>
        <Tabs.Panel value="alerts">
          <AlertRules endpointId={endpoint.id} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <Logs endpointId={endpoint.id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Overview({ endpoint }: { endpoint: EndpointDetail }) {
  const { minutes = defaultRange(endpoint.created_at, Date.now()) } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <div className={classes.overview}>
      <OperationPanel operationId={endpoint.operation_id} />
      <ReplicasTable endpoint={endpoint} />
      <MetricsPanel
        endpointId={endpoint.id}
        minutes={minutes}
        onMinutes={(value) => void navigate({ search: (before) => ({ ...before, minutes: value }), replace: true })}
        predicted={endpoint.revisions.find(({ number }) => number === endpoint.revision)?.predicted}
        predictedFor={endpoint.workload ? describeWorkload(endpoint.workload) : undefined}
      />
      <ObservationsPanel endpointId={endpoint.id} />
    </div>
  )
}
