import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { shardedLlama } from '../testing/hub-models.ts'
import { type HubServer, startHubServer } from '../testing/hub-server.ts'
import { SteppingClock } from '../testing/stepping-clock.ts'
import { createConnectionProbe } from './connection-probe.ts'

const TOKEN = 'hf_reader'

describe('trying a connection to a hub', () => {
  let hub: HubServer
  beforeAll(async () => {
    hub = await startHubServer([shardedLlama()], { [TOKEN]: {} })
  })
  afterAll(() => hub.close())
  const check = (endpoint: string, token?: string) =>
    createConnectionProbe({ clock: new SteppingClock() }).check({ kind: 'huggingface', endpoint, token })

  it('passes a hub that answers, and a token that it knows', async () => {
    await check(hub.url)
    await check(`${hub.url}/`, TOKEN)
  })

  it('refuses a token that the hub does not know, without repeating it', async () => {
    const error = await check(hub.url, 'hf_made-up').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid-input', reasons: [{ code: 'source-token-refused' }] })
    expect(JSON.stringify(error) + String(error)).not.toContain('made-up')
  })

  it('tells a server that is no hub from one that does not answer', async () => {
    const other = createServer((_, response) => response.writeHead(404).end('nothing here'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    onTestFinished(() => void other.close())
    for (const token of [undefined, TOKEN]) {
      await expect(check(endpoint, token)).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining('does not answer as a Hugging Face hub does'),
      })
    }
    other.closeAllConnections()
    await new Promise((resolve) => other.close(resolve))
    await expect(check(endpoint)).rejects.toMatchObject({
      code: 'unavailable',
      reasons: [{ code: 'hub-unreachable', next_step: expect.stringMatching(/mirror/) }],
    })
  })
})
