import type { Alert } from '@bud/kernel'
import { Table, Text } from '@mantine/core'
import { TextLink } from '../../../components/link.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Status } from '../../../components/status.tsx'
import { alertTone } from '../../../prepare/states.ts'
import { describeRule, ruleTitle, sinceOf } from '../prepare/alerts.ts'

export function AlertsList({ alerts }: { alerts: readonly Alert[] }) {
  return (
    <Panel flush>
      <Table miw={760}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>State</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Endpoint</Table.Th>
            <Table.Th>Rule</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {alerts.map((alert) => (
            <Table.Tr key={alert.id}>
              <Table.Td>
                <Status tone={alertTone(alert.state)} word={alert.state} since={sinceOf(alert)} />
              </Table.Td>
              <Table.Td>
                <Text fw={500}>{ruleTitle(alert.rule)}</Text>
                <Text fz="sm" c="dimmed">
                  {alert.message}
                </Text>
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <TextLink to="/endpoints/$endpointId" params={{ endpointId: alert.endpoint_id }}>
                  {alert.endpoint_name}
                </TextLink>
              </Table.Td>
              <Table.Td>{describeRule(alert.rule)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  )
}
