/** Measured beside what was predicted for the very load that was measured, window by window. */
import { Group, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Ago } from '../../../components/ago.tsx'
import { Panel } from '../../../components/panel.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import { formatFigure, formatInteger, formatMs } from '../../../prepare/format.ts'
import { observationsQuery } from '../api/observations.ts'
import { deviation, driftText, learntText } from '../prepare/observations.ts'

export function ObservationsPanel({ endpointId }: { endpointId: string }) {
  const { data } = useQuery(observationsQuery(endpointId))
  if (!data) return null
  const drift = driftText(data)
  return (
    <Panel title="Actual against predicted" note={learntText(data)} flush>
      {drift ? (
        <Group gap={6} wrap="nowrap" align="flex-start" px="md" pb="sm">
          <StatusIcon tone="warn" />
          <Text fz="sm">
            {drift} It began <Ago at={data.drift?.since} />.
          </Text>
        </Group>
      ) : null}
      {data.observations.length > 0 ? (
        <Table miw={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Window</Table.Th>
              <Table.Th ta="right">In flight per replica</Table.Th>
              <Table.Th ta="right">Tokens in / out</Table.Th>
              <Table.Th ta="right">Time per token</Table.Th>
              <Table.Th ta="right">First token</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.observations.map(({ id, to, load, measured, predicted }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  <Ago at={to} />
                </Table.Td>
                <Table.Td ta="right">{formatFigure(load.concurrency)}</Table.Td>
                <Table.Td ta="right">
                  {formatInteger(load.input_tokens)} / {formatInteger(load.output_tokens)}
                </Table.Td>
                <Table.Td ta="right">
                  <Compared measured={measured.tpot_ms} predicted={predicted.tpot_ms} />
                </Table.Td>
                <Table.Td ta="right">
                  <Compared measured={measured.ttft_ms} predicted={predicted.ttft_ms} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : null}
    </Panel>
  )
}

function Compared({ measured, predicted }: { measured: number | null; predicted: number }) {
  if (measured === null) return '—'
  return (
    <>
      {formatMs(measured)}{' '}
      <Text span c="dimmed" fz="sm">
        ({deviation(measured, predicted)} of {formatMs(predicted)})
      </Text>
    </>
  )
}
