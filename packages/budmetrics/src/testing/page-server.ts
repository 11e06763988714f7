/** A real HTTP server whose pages a test sets: what an engine's or a node's metrics page is to a scraper. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class PageServer {
  readonly pages = new Map<string, string | RequestListener>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<PageServer> {
    const server = createServer((request, response) => {
      const page = opened.pages.get(request.url ?? '')
      if (typeof page === 'function') return page(request, response)
      response.statusCode = page === undefined ? 404 : 200
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
      response.end(page)
    })
    const opened = new PageServer(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return opened
  }

  url(path: string): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}${path}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
