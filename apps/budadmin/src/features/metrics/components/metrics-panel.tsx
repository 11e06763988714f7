import type { EndpointMetrics } from '@bud/contract'
import { Group, SegmentedControl, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Facts } from '../../../components/facts.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { formatCount, formatInteger } from '../../../prepare/format.ts'
import { metricsQuery } from '../api/metrics.ts'
import { toChartViews } from '../prepare/chart.ts'
import { MetricCard } from './metric-card.tsx'
import classes from './metrics-panel.module.css'

export interface MetricsPanelProps {
  endpointId: string
  minutes: number
  onMinutes: (minutes: number) => void
}

const ranges = [
  { value: '5', label: '5 min' },
  { value: '30', label: '30 min' },
  { value: '180', label: '3 h' },
  { value: '1440', label: '24 h' },
]

export function MetricsPanel({ endpointId, minutes, onMinutes }: MetricsPanelProps) {
  const query = useQuery(metricsQuery(endpointId, minutes))
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={2}>Metrics</Title>
        <SegmentedControl
          aria-label="Time range"
          size="xs"
          data={ranges}
          value={String(minutes)}
          onChange={(value) => onMinutes(Number(value))}
        />
      </Group>
      <Loaded query={query} height={420}>
        {(metrics) => <Charts metrics={metrics} minutes={minutes} />}
      </Loaded>
    </section>
  )
}

function Charts({ metrics, minutes }: { metrics: EndpointMetrics; minutes: number }) {
  const views = useMemo(() => toChartViews(metrics), [metrics])
  return (
    <div className={classes.charts}>
      {views.map((view) => (
        <MetricCard key={view.metric} view={view} />
      ))}
      <Usage usage={metrics.usage} minutes={minutes} />
    </div>
  )
}

function Usage({ usage, minutes }: { usage: EndpointMetrics['usage']; minutes: number }) {
  const range = ranges.find((one) => one.value === String(minutes))?.label ?? `${minutes} min`
  return (
    <Panel title="Usage" note={`Last ${range}, counted by the gateway.`}>
      <Facts
        facts={[
          { label: 'Requests', value: formatInteger(usage.requests) },
          { label: 'Failed', value: formatInteger(usage.failed_requests) },
          { label: 'Prompt tokens', value: formatCount(usage.prompt_tokens) },
          { label: 'Answer tokens', value: formatCount(usage.completion_tokens) },
        ]}
      />
    </Panel>
  )
}
