import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFoundryClient, type FoundryClient } from './client.ts'

interface Seen {
  method: string
  url: string
  authorization: string | undefined
  type: string | undefined
  body: string
}

/** A plain HTTP server that knows nothing of the contract: what the client sends is what travels. */
describe('the typed client', () => {
  let server: Server
  let client: FoundryClient
  let url: string
  let seen: Seen[] = []
  let answer: (request: Seen, response: ServerResponse) => void = () => {}

  const record = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request
    const one = { method, url, authorization: headers.authorization, type: headers['content-type'] }
    const full = { ...one, body: await text(request) }
    seen.push(full)
    answer(full, response)
  }

  beforeAll(async () => {
    server = createServer((request, response) => void record(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    client = createFoundryClient({ url, token: 'secret-token' })
  })
  afterAll(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  beforeEach(() => {
    seen = []
  })

  const json = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

  test('sends the token, and none when it has none', async () => {
    answer = (_request, response) => json(response, 200, {})
    await client.tokens.revoke({ id: 'x' })
    await createFoundryClient({ url }).tokens.revoke({ id: 'x' })
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer secret-token', undefined])
  })

  test('keeps a name with slashes one path segment, so that models are found by name', async () => {
    answer = (_request, response) => json(response, 200, {})
    await client.models.delete({ id: 'meta-llama/Llama-3.1-8B & co?' })
    expect(seen[0]?.method).toBe('DELETE')
    expect(seen[0]?.url).toBe('/models/meta-llama%2FLlama-3.1-8B%20%26%20co%3F')
  })

  test('writes queries as text and leaves out what was not given', async () => {
    answer = (_request, response) => json(response, 200, { items: [], next_cursor: null })
    await client.models.list({ search: 'a b', limit: 20, cursor: undefined })
    expect(new URL(seen[0]?.url ?? '', url).pathname).toBe('/models')
    expect(Object.fromEntries(new URL(seen[0]?.url ?? '', url).searchParams)).toEqual({ search: 'a b', limit: '20' })
  })

  test('puts the path’s fields in the path and the others in a JSON body', async () => {
    answer = (_request, response) => json(response, 202, { id: 'ep-1', operation_id: 'op-1' })
    const accepted = await client.endpoints.scale({ id: 'chat', replicas: 4 })
    expect(accepted).toEqual({ id: 'ep-1', operation_id: 'op-1' })
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/endpoints/chat/scale', type: 'application/json' })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ replicas: 4 })
  })

  test('turns a refusal into an error with the server’s words and every reason', async () => {
    const reasons = [
      { code: 'gpu-memory-exceeded', message: 'It needs 90 GB of 80.', path: 'deployment.resources' },
      { code: 'heads-not-divisible', message: '32 heads over 3 GPUs.' },
    ]
    const body = { defined: false, code: 'UNPROCESSABLE_CONTENT', status: 422, message: 'No.', data: { reasons } }
    answer = (_request, response) => json(response, 422, body)
    const error = await client.endpoints.scale({ id: 'chat', replicas: 4 }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ORPCError)
    expect(error).toMatchObject({ status: 422, code: 'UNPROCESSABLE_CONTENT', message: 'No.', data: { reasons } })
  })

  test('tells the status also of an error that is not the Foundry’s, such as a proxy’s page', async () => {
    answer = (_request, response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
    await expect(client.clusters.list()).rejects.toMatchObject({ status: 502 })
  })

  test('yields an operation at each change as it comes, and ends when the server does', async () => {
    const [running, done] = [operation('running'), operation('succeeded')]
    let goOn = () => {}
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`event: message\ndata: ${JSON.stringify(running)}\n\n`)
      goOn = () => response.end(`event: message\ndata: ${JSON.stringify(done)}\n\nevent: done\n\n`)
    }
    const states: string[] = []
    for await (const event of await client.operations.events({ id: 'op-1' })) {
      states.push(event.state)
      // The second event is sent only after the first has been read.
      goOn()
    }
    expect(states).toEqual(['running', 'succeeded'])
    expect(seen[0]?.url).toBe('/operations/op-1/events')
  })

  test('lets the server know when the reader goes away', async () => {
    const left = new Promise<void>((resolve) => {
      answer = (_request, response) => {
        response.on('close', resolve)
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`event: message\ndata: ${JSON.stringify(operation('running'))}\n\n`)
      }
    })
    for await (const event of await client.operations.events({ id: 'op-1' })) {
      expect(event.state).toBe('running')
      break
    }
    await left
  })

  test('uses the fetch it was given, as a browser’s or a test’s', async () => {
    const asked: string[] = []
    const own = createFoundryClient({
      url: 'http://foundry.example',
      fetch: async (input, init) => {
        asked.push(`${new Request(input, init).url} ${init?.credentials}`)
        return Response.json([])
      },
    })
    expect(await own.clusters.list()).toEqual([])
    expect(asked).toEqual(['http://foundry.example/clusters same-origin'])
  })
})

const operation = (state: 'running' | 'succeeded') => ({
  id: 'op-1',
  kind: 'deploy',
  subject_id: 'ep-1',
  state,
  created_by: 'user-1',
  created_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
  reasons: [],
  steps: [],
})
