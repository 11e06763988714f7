import type { Endpoint } from '@bud/contract'
import { Table, Text } from '@mantine/core'
import { Panel } from '../../../components/panel.tsx'
import { Status } from '../../../components/status.tsx'
import { replicaTone } from '../../../prepare/states.ts'
import { replicasText } from '../prepare/summary.ts'

export function ReplicasTable({ endpoint }: { endpoint: Endpoint }) {
  if (endpoint.replicas.length === 0) return null
  return (
    <Panel title="Replicas" note={replicasText(endpoint)} flush>
      <Table miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Replica</Table.Th>
            <Table.Th>Phase</Table.Th>
            <Table.Th>Node</Table.Th>
            <Table.Th>GPUs</Table.Th>
            <Table.Th ta="right">Revision</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {endpoint.replicas.map((replica) => (
            <Table.Tr key={replica.id}>
              <Table.Td fw={500}>{replica.id}</Table.Td>
              <Table.Td>
                <Status tone={replicaTone(replica.phase)} word={replica.phase} since={replica.since} />
                {replica.message ? (
                  <Text fz="sm" c="dimmed" maw={420} style={{ overflowWrap: 'anywhere' }}>
                    {replica.message}
                  </Text>
                ) : null}
              </Table.Td>
              <Table.Td>{replica.node ?? '—'}</Table.Td>
              <Table.Td>{replica.gpus.length > 0 ? replica.gpus.join(', ') : '—'}</Table.Td>
              <Table.Td ta="right">{replica.revision}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  )
}
