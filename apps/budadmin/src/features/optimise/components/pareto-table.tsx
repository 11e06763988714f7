import { Radio, Table, Text } from '@mantine/core'
import { Tag } from '../../../components/tag.tsx'
import { WideContent } from '../../../components/wide-content.tsx'
import type { ParetoPoint } from '../prepare/pareto.ts'
import type { ParetoChartProps } from './pareto-chart.tsx'
import classes from './percentiles.module.css'

export function ParetoTable({ view, chosen, onChoose }: ParetoChartProps) {
  return (
    <WideContent className={classes.box}>
      <Table highlightOnHover miw={760} aria-label={view.summary}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40}>
              <span className="visually-hidden">Chosen</span>
            </Table.Th>
            <Table.Th>Configuration</Table.Th>
            <Table.Th ta="right">Cost</Table.Th>
            <Table.Th ta="right">End to end p99</Table.Th>
            <Table.Th ta="right">Tokens/s at most</Table.Th>
            <Table.Th ta="right">Per million tokens</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {view.points.map((point) => (
            <PointRow
              key={point.index}
              point={point}
              chosen={point.index === chosen}
              onChoose={() => onChoose(point.index)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </WideContent>
  )
}

function PointRow({ point, chosen, onChoose }: { point: ParetoPoint; chosen: boolean; onChoose: () => void }) {
  return (
    <Table.Tr onClick={onChoose} style={{ cursor: 'pointer' }} {...(chosen ? { bg: 'var(--bud-quiet)' } : {})}>
      <Table.Td>
        <Radio checked={chosen} onChange={onChoose} name="pareto-row" aria-label={`Choose ${point.name}`} size="xs" />
      </Table.Td>
      <Table.Td>
        <Text component="span" fw={500}>
          {point.name}
        </Text>{' '}
        {point.recommended ? <Tag accent>recommended</Tag> : null}
      </Table.Td>
      <Table.Td ta="right">{point.cost}</Table.Td>
      <Table.Td ta="right">{point.latency}</Table.Td>
      <Table.Td ta="right">{point.throughput}</Table.Td>
      <Table.Td ta="right">{point.perMillion}</Table.Td>
    </Table.Tr>
  )
}
