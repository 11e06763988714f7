/** What more money buys: the Pareto front as a chart, and the same as a table. */
import type { Optimization } from '@bud/contract'
import { Group, SegmentedControl, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Panel } from '../../../components/panel.tsx'
import { type ParetoAxis, paretoAxes, toParetoView } from '../prepare/pareto.ts'
import { ParetoChart } from './pareto-chart.tsx'
import classes from './pareto-panel.module.css'
import { ParetoTable } from './pareto-table.tsx'

export interface ParetoPanelProps {
  result: Optimization
  /** Index into the front; undefined: the choice is not on it. */
  chosen: number | undefined
  onChoose: (point: number) => void
}

const axisLabels: Record<ParetoAxis, string> = { latency: 'Latency', throughput: 'Throughput' }

export function ParetoPanel({ result, chosen, onChoose }: ParetoPanelProps) {
  const [axis, setAxis] = useState<ParetoAxis>('latency')
  const [asTable, setAsTable] = useState(false)
  const view = useMemo(() => toParetoView(result, axis), [result, axis])
  if (!view) return null
  const point = chosen === undefined ? undefined : view.points[chosen]
  return (
    <Panel
      title="What more money buys"
      note="No other configuration found is cheaper, faster and of higher throughput at once. Choose one to see and approve it."
    >
      <Group justify="space-between" gap="xs" mb="xs">
        <SegmentedControl
          aria-label="Cost against"
          size="xs"
          data={paretoAxes.map((value) => ({ value, label: axisLabels[value] }))}
          value={axis}
          onChange={(value) => setAxis(value === 'throughput' ? 'throughput' : 'latency')}
        />
        <SegmentedControl
          aria-label="Shown as"
          size="xs"
          data={['Chart', 'Table']}
          value={asTable ? 'Table' : 'Chart'}
          onChange={(value) => setAsTable(value === 'Table')}
        />
      </Group>
      {asTable ? (
        <ParetoTable view={view} chosen={chosen} onChoose={onChoose} />
      ) : (
        <>
          <ParetoChart view={view} chosen={chosen} onChoose={onChoose} />
          <Text fz="sm" className={classes.readout} aria-live="polite">
            {point ? (
              <>
                <b>{point.name}</b>: {point.cost}, {point.figure}
              </>
            ) : (
              'The configuration above is not on the front.'
            )}
          </Text>
        </>
      )}
    </Panel>
  )
}
