/** Measured beside what was predicted for the very load that was measured, window by window. */
import type { EndpointObservations } from '@bud/contract'
import { Group, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Ago } from '../../../components/ago.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import { formatFigure, formatInteger, formatMs, NONE } from '../../../prepare/format.ts'
import { observationsQuery } from '../api/observations.ts'
import { deviation, driftText, learntText } from '../prepare/observations.ts'

export function ObservationsPanel({ endpointId }: { endpointId: string }) {
  const query = useQuery(observationsQuery(endpointId))
  return (
    <Loaded query={query} height={120}>
      {(data) => (
        <Panel title="Actual against predicted" note={learntText(data)} flush>
          <Drift data={data} />
          <Windows observations={data.observations} />
        </Panel>
      )}
    </Loaded>
  )
}

function Drift({ data }: { data: EndpointObservations }) {
  const drift = driftText(data)
  if (!drift) return null
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" px="md" pb="sm">
      <StatusIcon tone="warn" />
      <Text fz="sm">
        {drift} It began <Ago at={data.drift?.since} />.
      </Text>
    </Group>
  )
}

function Windows({ observations }: Pick<EndpointObservations, 'observations'>) {
  if (observations.length === 0) return null
  return (
    <Table miw={820}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Window</Table.Th>
          <Table.Th ta="right">In flight per replica</Table.Th>
          <Table.Th ta="right">Tokens in / out</Table.Th>
          <Table.Th ta="right">First token</Table.Th>
          <Table.Th ta="right">Time per token</Table.Th>
          <Table.Th ta="right">Tokens/s per replica</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {observations.map(({ id, to, load, measured, predicted }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <Ago at={to} />
            </Table.Td>
            <Table.Td ta="right">{formatFigure(load.concurrency)}</Table.Td>
            <Table.Td ta="right">
              {formatInteger(load.input_tokens)} / {formatInteger(load.output_tokens)}
            </Table.Td>
            <Compared measured={measured.ttft_ms} predicted={predicted.ttft_ms} format={formatMs} />
            <Compared measured={measured.tpot_ms} predicted={predicted.tpot_ms} format={formatMs} />
            <Compared
              measured={measured.output_tokens_per_s}
              predicted={predicted.output_tokens_per_s}
              format={formatFigure}
            />
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

interface ComparedProps {
  measured: number | null
  predicted: number
  format: (value: number) => string
}

function Compared({ measured, predicted, format }: ComparedProps) {
  return (
    <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
      {measured === null ? (
        NONE
      ) : (
        <>
          {format(measured)}
          <Text c="dimmed" fz="sm">
            predicted {format(predicted)}, {deviation(measured, predicted)}
          </Text>
        </>
      )}
    </Table.Td>
  )
}
