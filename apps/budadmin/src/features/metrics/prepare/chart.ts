/** One metric as what its chart draws. Missing is a gap, not a zero; predicted is never mixed with measured. */
import type { EndpointMetrics } from '@bud/contract'
import type { AlertRule, Estimate, MetricName, Prediction } from '@bud/kernel'
import { formatDuration } from '../../../prepare/format.ts'
import { formatMetric, metricOrder, metricTexts } from '../../../prepare/metrics.ts'
import type { Tone } from '../../../prepare/states.ts'
import { type Agreement, agreementOf, predictedOf } from './agreement.ts'

export interface ChartMark {
  value: number
  label: string
}

/** With its 80 % interval, where one was stated. */
export interface PredictedMark extends ChartMark {
  band: { low: number; high: number } | undefined
}

export interface ChartView {
  metric: MetricName
  title: string
  meaning: string
  /** Epoch seconds. */
  times: number[]
  values: (number | null)[]
  fromS: number
  toS: number
  latest: number | null
  threshold: ChartMark | undefined
  predicted: PredictedMark | undefined
  /** The latest value against the predicted interval; undefined where there is nothing to compare. */
  agreement: Agreement | undefined
  /** The latest value against the threshold. */
  tone: Tone
  /** Window and source of the figures. */
  note: string
  /** The chart in one sentence, for those who do not see it. */
  summary: string
}

/** `prediction`: that of the revision in force. */
export function toChartViews(metrics: EndpointMetrics, prediction: Prediction | null | undefined): ChartView[] {
  return metricOrder.flatMap((metric) => {
    const series = metrics.series.find((one) => one.metric === metric)
    return series ? [toChartView(metrics, series, predictedOf(metric, prediction))] : []
  })
}

function toChartView(
  metrics: EndpointMetrics,
  series: EndpointMetrics['series'][number],
  estimate: Estimate | undefined,
): ChartView {
  const { metric, latest } = series
  const rule = metrics.rules.find((one) => one.metric === metric)
  const { title, meaning } = metricTexts[metric]
  const text = (value: number | null) => formatMetric(metric, value)
  const threshold =
    rule && rule.threshold !== null
      ? { value: rule.threshold, label: thresholdLabel(rule, text(rule.threshold)) }
      : undefined
  return {
    metric,
    title,
    meaning,
    ...toPoints(series.points, metrics.step_s),
    fromS: Date.parse(metrics.from) / 1000,
    toS: Date.parse(metrics.to) / 1000,
    latest,
    threshold,
    predicted: estimate && toPredictedMark(estimate, text),
    agreement: agreementOf(metric, latest, estimate),
    tone: toneOf(latest, rule),
    note: `${windowText(metric, metrics.window_s)} · ${series.source}`,
    summary: [
      `${title}: ${latest === null ? 'nothing measured now' : `now ${text(latest)}`}`,
      threshold ? `threshold ${text(threshold.value)}` : undefined,
      estimate && toPredictedMark(estimate, text).label,
    ]
      .filter((part) => part !== undefined)
      .join(', '),
  }
}

function toPredictedMark({ value, low, high }: Estimate, text: (value: number) => string): PredictedMark {
  if (low === null || high === null) return { value, label: `predicted ${text(value)}`, band: undefined }
  return { value, label: `predicted ${text(value)}, 80 %: ${text(low)} – ${text(high)}`, band: { low, high } }
}

const ruleSources: Record<AlertRule['source'], string> = {
  default: 'default',
  'approved-target': 'approved limit',
  edited: 'edited',
}

const thresholdLabel = (rule: AlertRule, value: string): string =>
  `alert ${rule.op} ${value} (${ruleSources[rule.source]})`

/** Gauges are as last read; percentiles and rates look back over a window. */
function windowText(metric: MetricName, windowS: number): string {
  return metric === 'queue_depth' || metric === 'gpu_utilization'
    ? 'as last read'
    : `over ${formatDuration(windowS * 1000)}`
}

function toneOf(latest: number | null, rule: AlertRule | undefined): Tone {
  if (latest === null) return 'idle'
  if (!rule || rule.threshold === null) return 'good'
  return (rule.op === '>' ? latest > rule.threshold : latest < rule.threshold) ? 'warn' : 'good'
}

/** Where points are missing altogether, a null keeps the line from bridging the hole. */
function toPoints(points: EndpointMetrics['series'][number]['points'], stepS: number) {
  const times: number[] = []
  const values: (number | null)[] = []
  for (const point of points) {
    const time = Date.parse(point.at) / 1000
    const before = times.at(-1)
    if (before !== undefined && time - before > 2.5 * stepS) {
      times.push(before + stepS)
      values.push(null)
    }
    times.push(time)
    values.push(point.value)
  }
  return { times, values }
}

/** Indices of values without a measured neighbour: no line touches them, so each is drawn as a point. */
export function isolatedPoints(values: ChartView['values']): number[] {
  const measured = (index: number) => typeof values[index] === 'number'
  return values.flatMap((_value, index) =>
    measured(index) && !measured(index - 1) && !measured(index + 1) ? [index] : [],
  )
}

/** A mark further above the measurement than this would flatten the line. */
const REACH = 3

/**
 * The y axis: from zero to what was measured, and to the marks as far as they leave the line readable; the legend says
 * that the others are off the scale.
 */
export function toScale(view: ChartView): { max: number; marks: { threshold: boolean; predicted: boolean } } {
  const measured = Math.max(0, ...view.values.filter((value) => value !== null))
  const floor = view.metric === 'gpu_utilization' ? 100 : measured
  const near = (mark: ChartMark | undefined) => mark !== undefined && (floor === 0 || mark.value <= REACH * floor)
  const marks = { threshold: near(view.threshold), predicted: near(view.predicted) }
  const top = Math.max(
    floor,
    marks.threshold ? (view.threshold?.value ?? 0) : 0,
    marks.predicted ? (view.predicted?.band?.high ?? view.predicted?.value ?? 0) : 0,
  )
  return {
    max: view.metric === 'gpu_utilization' ? Math.max(100, top) : top > 0 ? top * 1.12 : 1,
    marks,
  }
}

/** "alert > 500 ms (default), off scale": the legend names no line that is not to be seen. */
export const legendText = (mark: ChartMark, onScale: boolean): string => `${mark.label}${onScale ? '' : ', off scale'}`
