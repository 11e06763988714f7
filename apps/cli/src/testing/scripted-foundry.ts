/** An HTTP server that answers as a test says: what a Foundry, or a gateway, may say to `bud`. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface SeenRequest {
  method: string
  path: string
  /** What follows "?". */
  query: Record<string, string>
  headers: Record<string, string | string[] | undefined>
  body: string
}

export type Script = (request: SeenRequest, response: ServerResponse) => void

export interface ScriptedFoundry {
  url: string
  seen: SeenRequest[]
  /** `place` as in "GET /system"; the last word holds. */
  on(place: string, script: Script): void
  close(): Promise<void>
}

export async function startScriptedFoundry(): Promise<ScriptedFoundry> {
  const scripts = new Map<string, Script>()
  const seen: SeenRequest[] = []
  const server = createServer(async ({ method = '', url = '', headers }, response) => {
    const [path = '', search = ''] = url.split('?', 2)
    const query = Object.fromEntries(new URLSearchParams(search))
    const request = { method, path, query, headers, body: await text(response.req) }
    seen.push(request)
    const script = scripts.get(`${method} ${path}`) ?? json(404, { code: 'NOT_FOUND', message: `No ${path}.` })
    script(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    on: (place, script) => scripts.set(place, script),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

export const json =
  (status: number, body: unknown): Script =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

export const refusal = (status: number, code: string, message: string, reasons: object[] = []): Script =>
  json(status, { defined: false, code, status, message, data: { reasons } })

/** One server-sent event, as the control plane writes it. */
export const event = (data: unknown): string => `event: message\ndata: ${JSON.stringify(data)}\n\n`

export const events =
  (...all: unknown[]): Script =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${all.map(event).join('')}event: done\n\n`)
