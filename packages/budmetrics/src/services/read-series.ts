/** The five metrics of an endpoint as points: the last two hours from memory, what is older from the minutes. */
import { engineFacts } from '@bud/engines'
import { type AlertRule, type EngineName, type MetricName, type MetricSeries, metricUnits } from '@bud/kernel'
import { and, eq, gte, lt } from '@bud/platform/drizzle'
import { fromStoredBuckets } from '../domain/buckets.ts'
import { type ChartMinute, measureMinutes, minuteOf } from '../domain/minute.ts'
import { type FiveValues, METRICS } from '../domain/point-ring.ts'
import { planSeries, type SeriesPlan } from '../domain/series-plan.ts'
import { type Context, isoOf } from './context.ts'
import { listRules } from './rules.ts'
import { minutes } from './tables.ts'

/** The API's EndpointMetrics, without what others know: predictions and usage. */
export interface MeasuredSeries {
  endpoint_id: string
  from: string
  to: string
  step_s: number
  window_s: number
  series: MetricSeries[]
  rules: AlertRule[]
}

interface Point {
  at_ms: number
  values: FiveValues
}

export async function readSeries(
  context: Context,
  endpointId: string,
  { minutes: length }: { minutes: number },
): Promise<MeasuredSeries> {
  const plan = planSeries(length, context.clock.nowMs(), context.settings.window_s)
  const recentFromMs = startOfRecent(context, endpointId, plan)
  const [older, rules] = await Promise.all([
    readOlder(context, endpointId, plan, recentFromMs),
    listRules(context, endpointId),
  ])
  const latest = context.endpoints.get(endpointId)?.measure(context.settings.window_s).metrics
  const engine = context.endpoints.get(endpointId)?.target.engine ?? older.engine
  return {
    endpoint_id: endpointId,
    from: isoOf(plan.from_ms),
    to: isoOf(plan.to_ms),
    step_s: plan.step_s,
    window_s: plan.window_s,
    series: METRICS.map((metric) => ({
      metric,
      unit: metricUnits[metric],
      source: sourceOf(metric, engine),
      latest: latest?.[metric].value ?? null,
      points: [
        ...older.points.map(({ at_ms, values }) => ({ at: isoOf(at_ms), value: values[metric] })),
        ...recentPoints(context, endpointId, metric, recentFromMs, plan.to_ms),
      ],
    })),
    rules,
  }
}

/** From where memory has points of the wanted step; the end of the chart when it has none. */
function startOfRecent({ endpoints }: Context, endpointId: string, plan: SeriesPlan): number {
  const ring = endpoints.get(endpointId)?.points
  if (!ring || plan.step_s >= 60) return plan.to_ms
  return Math.min(plan.to_ms, Math.max(plan.from_ms, ring.startMs))
}

function recentPoints({ endpoints }: Context, endpointId: string, metric: MetricName, fromMs: number, toMs: number) {
  const ring = fromMs < toMs ? endpoints.get(endpointId)?.points : undefined
  return ring ? ring.read(metric, fromMs, toMs).map(({ at_ms, value }) => ({ at: isoOf(at_ms), value })) : []
}

/** Points from the minutes before `untilMs`: one a minute, or as many merged as the step has; none is a gap. */
async function readOlder(context: Context, endpointId: string, plan: SeriesPlan, untilMs: number) {
  const fromMs = minuteOf(plan.from_ms)
  const stepMs = Math.max(60_000, plan.step_s * 1000)
  if (untilMs - fromMs < stepMs) return { points: [], engine: undefined }
  const rows = await selectMinutes(context, endpointId, fromMs, untilMs)
  const byStep = Map.groupBy(rows, (row) => Math.floor((row.minute_ms - fromMs) / stepMs))
  const points: Point[] = []
  for (let step = 0; fromMs + (step + 1) * stepMs <= untilMs; step++)
    points.push({ at_ms: fromMs + step * stepMs, values: measureMinutes(byStep.get(step) ?? []) })
  return { points, engine: rows.at(-1)?.engine }
}

async function selectMinutes({ database }: Context, endpointId: string, fromMs: number, untilMs: number) {
  const rows = await database.query
    .select({
      minute: minutes.minute,
      engine: minutes.engine,
      covered_s: minutes.covered_s,
      generation_tokens: minutes.generation_tokens,
      ttft: minutes.ttft,
      e2e: minutes.e2e,
      waiting_max: minutes.waiting_max,
      gpu_percent_sum: minutes.gpu_percent_sum,
      gpu_samples: minutes.gpu_samples,
    })
    .from(minutes)
    .where(
      and(eq(minutes.endpoint_id, endpointId), gte(minutes.minute, isoOf(fromMs)), lt(minutes.minute, isoOf(untilMs))),
    )
    .orderBy(minutes.minute)
  return rows.map(({ minute, ttft, e2e, ...row }): ChartMinute & { engine: EngineName } => ({
    ...row,
    minute_ms: Date.parse(minute),
    ttft: fromStoredBuckets(ttft),
    e2e: fromStoredBuckets(e2e),
  }))
}

function sourceOf(metric: MetricName, engine: EngineName | undefined): string {
  if (metric === 'gpu_utilization') return 'DCGM'
  return engine ? `${engine} ${engineFacts(engine).metrics_path}` : 'not measured yet'
}
