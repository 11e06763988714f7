/** The five metrics under some traffic, each beside what was predicted for the load it was optimised for. */
import { trim } from '../output.ts'
import type { DemoState } from './run-demo.ts'
import { TALKERS, WORKLOAD, waitFor, whileTalking } from './steps.ts'

export async function readMetrics(state: DemoState): Promise<string> {
  const { cli, endpoint } = state
  const measured = async () => {
    const metrics = await cli.client.endpoints.metrics({ id: endpoint, minutes: 5 })
    return metrics.series.every((series) => series.latest !== null) ? metrics : undefined
  }
  const { result: metrics, answered } = await whileTalking(state, () =>
    waitFor(measured, 60_000, 'all five metrics to have a value'),
  )
  const lines = metrics.series.map(({ metric, latest, unit, source }) => {
    const predicted = metrics.predicted.find((candidate) => candidate.metric === metric)
    const beside = predicted ? `, predicted ${trim(predicted.value)} ${unit}` : ''
    return `${metric}: measured ${trim(latest ?? 0)} ${unit}${beside} (${source})`
  })
  return [
    `${answered} requests, ${TALKERS} at a time and short: a lighter load than the one predicted for (${WORKLOAD.concurrency} at a time).`,
    ...lines,
  ].join('\n')
}
