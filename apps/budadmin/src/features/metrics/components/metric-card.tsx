import { Text } from '@mantine/core'
import { useState } from 'react'
import { StatusIcon } from '../../../components/status.tsx'
import { formatMetric } from '../../../prepare/metrics.ts'
import { formatClock } from '../../../prepare/time.ts'
import { type ChartView, legendText, toScale } from '../prepare/chart.ts'
import classes from './metric-card.module.css'
import { TimeSeries } from './time-series.tsx'

/** One metric: its value now or under the cursor, with unit, window and source; then its line. */
export function MetricCard({ view }: { view: ChartView }) {
  const [hovered, setHovered] = useState<number | null>(null)
  const at = hovered === null ? undefined : view.times[hovered]
  const { marks } = toScale(view)
  const value = at === undefined || hovered === null ? view.latest : (view.values[hovered] ?? null)
  return (
    <article className={classes.card}>
      <header className={classes.head}>
        <h3 title={view.meaning}>{view.title}</h3>
        <Text component="div" className={classes.value}>
          {view.tone === 'warn' ? <StatusIcon tone="warn" /> : null}
          {value === null ? <span className={classes.none}>no data</span> : formatMetric(view.metric, value)}
          <span className={classes.when}>{at === undefined ? (value === null ? '' : 'now') : formatClock(at)}</span>
        </Text>
      </header>
      <TimeSeries view={view} onHover={setHovered} />
      <footer className={classes.foot}>
        <span>
          <i className={classes.measured} /> measured {view.note}
        </span>
        {view.threshold ? (
          <span>
            <i className={classes.threshold} /> {legendText(view.threshold, marks.threshold)}
          </span>
        ) : null}
        {view.predicted ? (
          <span>
            <i className={classes.predicted} data-band={view.predicted.band ? true : undefined} />{' '}
            {legendText(view.predicted, marks.predicted)}
          </span>
        ) : null}
        {view.agreement ? (
          <span style={{ color: `var(--bud-${view.agreement.tone})` }}>
            <StatusIcon tone={view.agreement.tone} size={13} /> {view.agreement.word}
          </span>
        ) : null}
      </footer>
    </article>
  )
}
