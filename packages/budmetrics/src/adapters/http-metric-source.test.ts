import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeMetricSource } from '../testing/metric-source.contract.ts'
import { PageServer } from '../testing/page-server.ts'
import { createHttpMetricSource } from './http-metric-source.ts'

let server: PageServer
const opened: { close(): Promise<void> }[] = []
const open = (options?: Parameters<typeof createHttpMetricSource>[0]) => {
  const source = createHttpMetricSource(options)
  opened.push(source)
  return source
}
beforeEach(async () => {
  server = await PageServer.start()
})
afterEach(async () => {
  await server.close()
  await Promise.all(opened.splice(0).map((source) => source.close()))
})

describeMetricSource('HTTP', () => ({
  source: open(),
  serve(text) {
    server.pages.set('/metrics', text)
    return server.url('/metrics')
  },
  async deadUrl() {
    const gone = await PageServer.start()
    const url = gone.url('/metrics')
    await gone.close()
    return url
  },
}))

describe('HTTP metric source', () => {
  const names = new Set(['a'])
  const scrape = (options?: Parameters<typeof createHttpMetricSource>[0]) =>
    open(options).scrape({ url: server.url('/metrics'), names })

  it.each([404, 500, 503])('does not take a %i for a page', async (status) => {
    server.pages.set('/metrics', (_request, response) => response.writeHead(status).end('a 1\n'))
    await expect(scrape()).rejects.toThrow(`/metrics answered ${status}`)
  })

  it('gives up on a page that does not come', async () => {
    server.pages.set('/metrics', () => {})
    await expect(scrape({ timeoutMs: 50 })).rejects.toThrow('no answer in 50 ms')
  })

  it('gives up on a page that begins and does not end', async () => {
    server.pages.set('/metrics', (_request, response) => {
      response.writeHead(200)
      response.write('a 1\n')
    })
    await expect(scrape({ timeoutMs: 50 })).rejects.toThrow('no answer in 50 ms')
  })

  it('does not believe a page whose connection broke', async () => {
    server.pages.set('/metrics', (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('a 1\n', () => response.destroy())
    })
    await expect(scrape()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('refuses a page that is too large', async () => {
    server.pages.set('/metrics', 'a 1\n'.repeat(1000))
    await expect(scrape({ maxBytes: 100 })).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('names a wrong address', async () => {
    await expect(open().scrape({ url: 'nonsense', names })).rejects.toMatchObject({ code: 'unavailable' })
  })
})
