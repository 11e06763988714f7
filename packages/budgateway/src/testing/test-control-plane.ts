/** A control plane for tests: the gateway protocol over real HTTP, its state in memory. */
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GatewayReport, type Route, type RouteSnapshot, type Upstream, UsageRecord } from '@bud/kernel'

export const TEST_TOKEN = 'gateway-token'
export const TEST_KEY = 'bud-sk-test'
const PROJECT = 'project-1'

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

export const upstream = (id: string, baseUrl: string, model = 'served'): Upstream => ({
  id,
  base_url: baseUrl,
  endpoint_id: `ep-${id.split('.')[0]}`,
  model,
})

export const route = (name: string, upstreams: Upstream[], project = PROJECT): Route => ({
  id: `route-${name}`,
  project_id: project,
  name,
  backends: [{ endpoint_id: upstreams[0]?.endpoint_id ?? 'ep-none', weight: 1, upstreams }],
})

export class TestControlPlane {
  readonly reports: GatewayReport[] = []
  readonly usage: UsageRecord[] = []
  /** Every id delivered, repeated ones too. */
  readonly deliveries: string[] = []
  /** undefined: accepts usage. */
  usageStatus: number | undefined
  url = ''
  #snapshot: RouteSnapshot | undefined
  readonly #known = new Set<string>()
  /** As the real one: never the versions of an earlier life. */
  #version = Date.now()
  #keys: RouteSnapshot['keys'] = [{ id: 'key-1', sha256: sha256(TEST_KEY), project_id: PROJECT }]
  readonly #changes = new EventEmitter().setMaxListeners(0)
  readonly #server = createServer((request, response) => this.#handle(request, response))

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    this.#changes.emit('snapshot')
    await once(this.#server, 'close')
  }

  publish(routes: Route[], keys = this.#keys): number {
    this.#keys = keys
    this.#snapshot = { version: ++this.#version, created_at: new Date().toISOString(), routes, keys }
    this.#changes.emit('snapshot')
    return this.#version
  }

  /** Resolves with the first report, seen already or to come, that holds. */
  async reported(holds: (report: GatewayReport) => boolean): Promise<GatewayReport> {
    for (;;) {
      const latest = this.reports.at(-1)
      if (latest && holds(latest)) return latest
      await once(this.#changes, 'report')
    }
  }

  applied(version: number): Promise<GatewayReport> {
    return this.reported((report) => report.applied_version >= version)
  }

  /** Resolves when at least `count` different records have arrived. */
  async usageOf(count: number): Promise<UsageRecord[]> {
    while (this.usage.length < count) await once(this.#changes, 'usage')
    return this.usage
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    if (request.headers.authorization !== `Bearer ${TEST_TOKEN}`) response.writeHead(401).end()
    else if (request.url === '/internal/gateway/sync') await this.#sync(JSON.parse(text), response)
    else if (request.url === '/internal/gateway/usage') this.#takeUsage(JSON.parse(text), response)
    else response.writeHead(404).end()
  }

  async #sync(body: { report: unknown; wait_ms: number }, response: ServerResponse): Promise<void> {
    const report = GatewayReport.parse(body.report)
    this.reports.push(report)
    this.#changes.emit('report')
    const isNew = () => this.#snapshot && this.#snapshot.version !== report.applied_version
    if (!isNew() && body.wait_ms > 0) await this.#changed(body.wait_ms, response)
    if (isNew()) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#snapshot))
    else response.writeHead(204).end()
  }

  async #changed(waitMs: number, response: ServerResponse): Promise<void> {
    const over = new AbortController()
    const timer = setTimeout(() => over.abort(), waitMs)
    response.once('close', () => over.abort())
    await once(this.#changes, 'snapshot', { signal: over.signal }).catch(() => undefined)
    clearTimeout(timer)
  }

  #takeUsage(body: { records: unknown[] }, response: ServerResponse): void {
    if (this.usageStatus) return void response.writeHead(this.usageStatus).end('not now')
    for (const record of body.records.map((entry) => UsageRecord.parse(entry))) {
      if (!this.#known.has(record.id)) this.usage.push(record)
      this.#known.add(record.id)
      this.deliveries.push(record.id)
    }
    response.writeHead(200).end(JSON.stringify({ accepted: body.records.length }))
    this.#changes.emit('usage')
  }
}
