/** The gateway's own figures for Prometheus. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RoutingTable } from '../domain/routing-table.ts'
import type { TrafficMetrics, UsageSpool } from '../ports.ts'

const TTFT_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export function createTrafficMetrics({ table, spool }: { table: RoutingTable; spool: UsageSpool }): TrafficMetrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'bud_gateway_requests_total',
    help: 'Finished requests; status 499: the client left first.',
    labelNames: ['route', 'status'],
    registers,
  })
  const upstreamErrors = new Counter({
    name: 'bud_gateway_upstream_errors_total',
    help: 'Failed attempts on replicas, retried ones included.',
    labelNames: ['kind'],
    registers,
  })
  const ttft = new Histogram({
    name: 'bud_gateway_ttft_seconds',
    help: 'From the request to the first event of a streamed answer.',
    labelNames: ['route'],
    buckets: TTFT_BUCKETS_S,
    registers,
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('bud_gateway_in_flight', 'Requests with a replica now.', () => table.inFlight)
  gauge('bud_gateway_snapshot_version', 'Version of the routes in force; 0: none.', () => table.snapshot?.version ?? 0)
  gauge('bud_gateway_usage_spool_bytes', 'Usage not yet delivered.', () => spool.bytes)
  gauge('bud_gateway_usage_dropped', 'Usage records lost since the start.', () => spool.dropped)

  // A counter with its labels bound is several times cheaper than naming them at every request.
  const bound = new Map<string, Counter.Internal>()
  const countOf = (route: string, status: number): Counter.Internal => {
    const key = `${status} ${route}`
    const counter = bound.get(key) ?? requests.labels(route, String(status))
    bound.set(key, counter)
    return counter
  }

  return {
    finished({ route, status, ttftMs }) {
      countOf(route, status).inc()
      if (ttftMs !== null) ttft.observe({ route }, ttftMs / 1000)
    },
    upstreamError: (kind) => upstreamErrors.inc({ kind }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
