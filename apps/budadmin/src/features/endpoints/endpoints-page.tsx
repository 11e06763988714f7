/** What is deployed, and is it healthy? */

import type { Endpoint } from '@bud/contract'
import { Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { EmptyState } from '../../components/empty-state.tsx'
import { IconDeploy, IconOptimise } from '../../components/icons.ts'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Status } from '../../components/status.tsx'
import { endpointTone } from '../../prepare/states.ts'
import { engineLabel } from '../optimise/prepare/result.ts'
import { endpointsQuery } from './api/endpoints.ts'
import { describeEndpoints, gpusText, replicasText } from './prepare/summary.ts'

export function EndpointsPage() {
  const query = useQuery(endpointsQuery())
  return (
    <Page
      title="Endpoints"
      answer={query.data ? describeEndpoints(query.data) : 'Models that answer.'}
      actions={
        <>
          <ButtonLink to="/deploy" variant="default" leftSection={<IconDeploy size={16} />}>
            Deploy from YAML
          </ButtonLink>
          <ButtonLink to="/optimise" leftSection={<IconOptimise size={16} />}>
            Optimise and deploy
          </ButtonLink>
        </>
      }
    >
      <Loaded query={query} height={320}>
        {(endpoints) => (endpoints.length === 0 ? <NoEndpoints /> : <EndpointsTable endpoints={endpoints} />)}
      </Loaded>
    </Page>
  )
}

function NoEndpoints() {
  return (
    <Panel>
      <EmptyState title="No endpoints yet" action={<ButtonLink to="/optimise">Find a configuration</ButtonLink>}>
        Let the search find a configuration that holds your limits, approve it, and it is deployed from there. Or deploy
        a document you have.
      </EmptyState>
    </Panel>
  )
}

function EndpointsTable({ endpoints }: { endpoints: readonly Endpoint[] }) {
  return (
    <Panel flush>
      <Table highlightOnHover miw={820}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Endpoint</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Replicas</Table.Th>
            <Table.Th>Model</Table.Th>
            <Table.Th>Cluster</Table.Th>
            <Table.Th>Hardware</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {endpoints.map((endpoint) => (
            <EndpointRow key={endpoint.id} endpoint={endpoint} />
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  )
}

function EndpointRow({ endpoint }: { endpoint: Endpoint }) {
  const [reason] = endpoint.state.reasons
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to="/endpoints/$endpointId" params={{ endpointId: endpoint.id }} fw={500}>
          {endpoint.name}
        </TextLink>
      </Table.Td>
      <Table.Td>
        <Status tone={endpointTone(endpoint.state.name)} word={endpoint.state.name} since={endpoint.state.since} />
        {reason ? (
          <Text fz="sm" c="dimmed" maw={320}>
            {reason.message}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{replicasText(endpoint)}</Table.Td>
      <Table.Td>
        <TextLink to="/models/$modelId" params={{ modelId: endpoint.model.id }} c="inherit">
          {endpoint.model.name}
        </TextLink>
      </Table.Td>
      <Table.Td>
        {endpoint.cluster.name}
        <Text fz="sm" c="dimmed">
          {endpoint.cluster.stage}
        </Text>
      </Table.Td>
      <Table.Td>
        {gpusText(endpoint)}
        <Text fz="sm" c="dimmed">
          {engineLabel(endpoint.deployment)}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}
