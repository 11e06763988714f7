import type { EndpointMetrics } from '@bud/contract'
import type { Prediction } from '@bud/kernel'
import { Group, SegmentedControl, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Facts } from '../../../components/facts.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import { formatCount, formatInteger } from '../../../prepare/format.ts'
import { metricsQuery } from '../api/metrics.ts'
import { describeAgreement } from '../prepare/agreement.ts'
import { toChartViews } from '../prepare/chart.ts'
import { MetricCard } from './metric-card.tsx'
import classes from './metrics-panel.module.css'

export interface MetricsPanelProps {
  endpointId: string
  /** Of the revision in force. */
  predicted: Prediction | null | undefined
  /** The load it was predicted for, in words. */
  predictedFor: string | undefined
  minutes: number
  onMinutes: (minutes: number) => void
}

const ranges = [
  { value: '5', label: '5 min' },
  { value: '30', label: '30 min' },
  { value: '180', label: '3 h' },
  { value: '1440', label: '24 h' },
]

export function MetricsPanel({ endpointId, minutes, onMinutes, ...prediction }: MetricsPanelProps) {
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
        {(metrics) => <Charts metrics={metrics} minutes={minutes} {...prediction} />}
      </Loaded>
    </section>
  )
}

interface ChartsProps extends Pick<MetricsPanelProps, 'minutes' | 'predicted' | 'predictedFor'> {
  metrics: EndpointMetrics
}

function Charts({ metrics, minutes, predicted, predictedFor }: ChartsProps) {
  const views = useMemo(() => toChartViews(metrics, predicted), [metrics, predicted])
  const { tone, word } = describeAgreement(views, predicted)
  return (
    <>
      <Group gap={6} wrap="nowrap" align="flex-start" mb="sm">
        <span style={{ paddingTop: 2 }}>
          <StatusIcon tone={tone} />
        </span>
        <Text>
          {word}
          {predicted && predictedFor ? (
            <Text span inherit c="dimmed">
              {' '}
              Predicted for {predictedFor}; another load behaves otherwise.
            </Text>
          ) : null}
        </Text>
      </Group>
      <div className={classes.charts}>
        {views.map((view) => (
          <MetricCard key={view.metric} view={view} />
        ))}
        <Usage usage={metrics.usage} minutes={minutes} />
      </div>
    </>
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
