/** One listener for the whole cluster: control, nodes, and every replica under its own prefix. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Cluster } from '../cluster/cluster.ts'
import { type ControlHandler, createControlHandler } from './control-handler.ts'
import { BodyTooLarge, sendJson, sendText } from './messages.ts'
import { handleReplica } from './replica-handler.ts'

const HOST = '127.0.0.1'
/** Longer than clients keep idle connections, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000
const DCGM_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface ListeningServer {
  port: number
  close(): Promise<void>
}

/** Listens on `port`; on any free one when that is taken and `port` was only a preference. */
export async function listen(
  cluster: Cluster,
  token: string,
  port: { number: number; isPreference: boolean },
): Promise<ListeningServer> {
  const control = createControlHandler(cluster, token)
  const server = createServer((request, response) => {
    route(cluster, control, request, response).catch((error: unknown) => fail(error, request, response))
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.requestTimeout = 0
  const actual = await bind(server, port.number).catch((error: unknown) => {
    if (port.isPreference) return bind(server, 0)
    throw error
  })
  return {
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function route(
  cluster: Cluster,
  control: ControlHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${HOST}`)
  const [area = '', name = '', ...rest] = url.pathname.split('/').slice(1)
  if (area === 'replicas') return handleReplica(cluster.replica(name), `/${rest.join('/')}`, request, response)
  if (area === 'control')
    return control(
      [name, ...rest].filter((part, i) => i === 0 || part !== ''),
      url,
      request,
      response,
    )
  if (area === 'nodes' && rest.join('/') === 'metrics') {
    const text = cluster.nodeMetrics(name)
    if (text !== undefined) {
      sendText(response, text, DCGM_CONTENT_TYPE)
      return
    }
  }
  if (url.pathname === '/healthz') {
    sendJson(response, 200, { status: 'ok' })
    return
  }
  sendJson(response, 404, { error: { code: 'not-found', message: `Nothing at ${url.pathname}.`, reasons: [] } })
}

function fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent || request.destroyed) {
    request.socket.destroy()
    return
  }
  if (error instanceof BodyTooLarge) {
    sendJson(response, 413, { detail: 'Request body too large' }, { connection: 'close' })
    return
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  sendJson(response, 500, { detail: 'Internal Server Error' })
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
