/** What has been measured of this architecture, and how well it answers; each with where it is from. */
import type { ModelDetail } from '@bud/contract'
import { Button, Center, Stack, Table } from '@mantine/core'
import { useState } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Panel } from '../../../components/panel.tsx'
import { formatFigure } from '../../../prepare/format.ts'
import { benchmarkName, measuredNote, toFigureRows } from '../prepare/performance.ts'

export function Performance({ model }: { model: ModelDetail }) {
  return (
    <Stack gap="md">
      <Measured model={model} />
      <Benchmarks benchmarks={model.benchmarks} />
    </Stack>
  )
}

const SHOWN = 20

function Measured({ model }: { model: ModelDetail }) {
  const [all, setAll] = useState(false)
  const rows = toFigureRows(all ? model.measured_figures : model.measured_figures.slice(0, SHOWN))
  if (rows.length === 0) {
    return (
      <Panel title="Measured speed">
        <EmptyState title="Nobody has published a measurement of this architecture">
          A search predicts its speed for a cluster and a load.
        </EmptyState>
      </Panel>
    )
  }
  return (
    <Panel title="Measured speed" note={measuredNote(model)} flush>
      <Table miw={980}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>GPUs</Table.Th>
            <Table.Th>Engine</Table.Th>
            <Table.Th>Precision</Table.Th>
            <Table.Th>Tokens a request</Table.Th>
            <Table.Th ta="right">Tokens/s per GPU</Table.Th>
            <Table.Th ta="right">Tokens/s</Table.Th>
            <Table.Th ta="right">First token</Table.Th>
            <Table.Th ta="right">Per token</Table.Th>
            <Table.Th>Source</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{row.hardware}</Table.Td>
              <Table.Td>{row.engine}</Table.Td>
              <Table.Td>{row.precision}</Table.Td>
              <Table.Td>{row.load}</Table.Td>
              <Table.Td ta="right">{row.perGpu}</Table.Td>
              <Table.Td ta="right">{row.total}</Table.Td>
              <Table.Td ta="right">{row.ttft}</Table.Td>
              <Table.Td ta="right">{row.tpot}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{row.source}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length < model.measured_figures.length ? (
        <Center p="sm">
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
            Show all {model.measured_figures.length}
          </Button>
        </Center>
      ) : null}
    </Panel>
  )
}

function Benchmarks({ benchmarks }: Pick<ModelDetail, 'benchmarks'>) {
  if (benchmarks.length === 0) {
    return (
      <Panel title="Quality benchmarks">
        <EmptyState title="No benchmark is known">
          They are read from the model card, or imported with bud model benchmarks.
        </EmptyState>
      </Panel>
    )
  }
  return (
    <Panel title="Quality benchmarks" flush>
      <Table miw={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Benchmark</Table.Th>
            <Table.Th ta="right">Score</Table.Th>
            <Table.Th>Source</Table.Th>
            <Table.Th>Recorded</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {benchmarks.map((one) => (
            <Table.Tr key={`${one.benchmark}:${one.metric}:${one.source}`}>
              <Table.Td>{benchmarkName(one)}</Table.Td>
              <Table.Td ta="right">{formatFigure(one.score)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{one.source}</Table.Td>
              <Table.Td>
                {one.recorded_by ? `${one.recorded_by}, ` : ''}
                <Ago at={one.recorded_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  )
}
