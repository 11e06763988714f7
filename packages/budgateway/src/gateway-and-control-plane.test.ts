import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from './testing/start-test-gateway.ts'
import { route, TestControlPlane, upstream } from './testing/test-control-plane.ts'
import {
  answer,
  beginStream,
  contentChunk,
  endStream,
  event,
  startTestEngine,
  type TestEngine,
} from './testing/test-engine.ts'

const open: { close(): Promise<void> }[] = []
const keep = <T extends { close(): Promise<void> }>(resource: T): T => {
  open.push(resource)
  return resource
}
let stateDir: string
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'bud-gateway-'))
})
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close()
  await rm(stateDir, { recursive: true, force: true })
})

const ask = { model: 'chat', messages: [{ role: 'user', content: 'count to three' }] }
const health = async (gateway: TestGateway) => {
  const response = await fetch(`${gateway.url}/health`)
  return { code: response.status, ...((await response.json()) as Record<string, unknown>) }
}

describe('without its control plane', () => {
  it('refuses to serve until it has had a snapshot, and says why', async () => {
    const gateway = keep(await startTestGateway('http://127.0.0.1:9'))
    expect(await health(gateway)).toMatchObject({ code: 503, status: 'no-snapshot', control_plane_contact_s_ago: null })
    const response = await gateway.post('/v1/chat/completions', ask)
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('never reached its control plane')
  })

  it('serves on its last snapshot, after a restart too, and delivers usage once it is back', async () => {
    const engine = keep(await startTestEngine())
    const control = await new TestControlPlane().listen()
    control.usageStatus = 503
    const version = control.publish([route('chat', [upstream('chat.0', engine.url)])])
    const port = Number(new URL(control.url).port)
    const first = await startTestGateway(control.url, { stateDir })
    expect((await gateway200(first)).status).toBe(200)
    await control.close()
    expect((await gateway200(first)).status).toBe(200)
    await first.close()
    const second = keep(await startTestGateway(control.url, { stateDir }))
    expect(await health(second)).toMatchObject({ code: 200, status: 'ok', snapshot: { version } })
    expect((await gateway200(second)).status).toBe(200)
    const back = keep(await new TestControlPlane().listen(port))
    await back.usageOf(3)
    expect(back.deliveries).toHaveLength(3)
  })

  it('says when the token is refused', async () => {
    const control = keep(await new TestControlPlane().listen())
    const gateway = keep(await startTestGateway(control.url, { gatewayToken: 'wrong' }))
    expect(gateway.log.join()).toContain('refuses the gateway token')
  })

  it('drops usage that is refused for what it is, instead of holding up the rest', async () => {
    const engine = keep(await startTestEngine())
    const control = keep(await new TestControlPlane().listen())
    control.usageStatus = 422
    control.publish([route('chat', [upstream('chat.0', engine.url)])])
    const gateway = await startTestGateway(control.url, { stateDir })
    await gateway200(gateway)
    await gateway.close()
    expect(gateway.log.join()).toContain('Usage of 1 requests is lost: The control plane refuses this: not now')
    control.usageStatus = undefined
    const second = keep(await startTestGateway(control.url, { stateDir }))
    await gateway200(second)
    expect(await control.usageOf(1)).toHaveLength(1)
  })
})

const gateway200 = (gateway: TestGateway) => gateway.post('/v1/chat/completions', ask)

describe('drain', () => {
  it('reports a replica’s last request as soon as it ends, without waiting for the poll', async () => {
    const engine = keep(await startTestEngine())
    const control = keep(await new TestControlPlane().listen())
    control.publish([route('chat', [upstream('old', engine.url)])])
    const gateway = keep(await startTestGateway(control.url))
    const goOn = Promise.withResolvers<void>()
    engine.answerWith(async (request, response) => {
      beginStream(response)
      response.write(event(contentChunk('one')))
      await goOn.promise
      endStream(request, response)
    })
    const response = await gateway.post('/v1/chat/completions', { ...ask, stream: true })
    const busy = await control.applied(control.publish([route('chat', [upstream('new', engine.url)])]))
    expect(busy.in_flight).toEqual([{ upstream_id: 'old', count: 1 }])
    const startedMs = performance.now()
    goOn.resolve()
    await response.text()
    await control.reported(({ in_flight }) => in_flight.length === 0)
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  it('fails no request while replicas are swapped under load', async () => {
    const control = keep(await new TestControlPlane().listen())
    const answerSlowly: typeof answer = async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 1 + (request.text.length % 7)))
      await answer(request, response)
    }
    let serial = 0
    const launch = async () => ({ id: `chat.${serial++}`, engine: keep(await startTestEngine(answerSlowly)) })
    let replicas = [await launch(), await launch()]
    const publish = (all: typeof replicas) =>
      control.publish([
        route(
          'chat',
          all.map(({ id, engine }) => upstream(id, engine.url)),
        ),
      ])
    publish(replicas)
    const gateway = keep(await startTestGateway(control.url))

    let running = true
    const outcomes: string[] = []
    const load = Array.from({ length: 16 }, async (_, i) => {
      for (let n = 0; running; n++) {
        const stream = (i + n) % 2 === 0
        const response = await gateway.post('/v1/chat/completions', { ...ask, stream, filler: 'x'.repeat(n % 7) })
        const text = await response.text()
        outcomes.push(response.status === 200 && text.includes(stream ? '[DONE]' : 'one two three') ? 'ok' : text)
      }
    })
    for (let swap = 0; swap < 6; swap++) {
      const [leaving, ...staying] = replicas
      await leaving?.engine.arrived(20)
      replicas = [...staying, await launch()]
      const version = publish(replicas)
      await control.reported(
        (report) =>
          report.applied_version >= version && report.in_flight.every(({ upstream_id }) => upstream_id !== leaving?.id),
      )
      await leaving?.engine.close()
    }
    running = false
    await Promise.all(load)
    expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([])
    expect(outcomes.length).toBeGreaterThan(100)
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).not.toContain('upstream_errors_total{kind="connect"}')
  })
})

describe('a stop', () => {
  const holdStream = (engine: TestEngine) => {
    const goOn = Promise.withResolvers<void>()
    engine.answerWith(async (request, response) => {
      beginStream(response)
      response.write(event(contentChunk('one')))
      await goOn.promise
      if (!response.destroyed) endStream(request, response)
    })
    return goOn.resolve
  }
  const startServing = async (settings = {}) => {
    const engine = keep(await startTestEngine())
    const control = keep(await new TestControlPlane().listen())
    control.publish([route('chat', [upstream('chat.0', engine.url)])])
    return { engine, control, gateway: await startTestGateway(control.url, { stateDir, ...settings }) }
  }

  it('takes no new connection, lets a stream end and hands in its usage', async () => {
    const { engine, control, gateway } = await startServing()
    const goOn = holdStream(engine)
    const response = await gateway.post('/v1/chat/completions', { ...ask, stream: true })
    const stopped = gateway.close()
    await expect(fetch(`${gateway.url}/health`)).rejects.toThrow()
    goOn()
    expect(await response.text()).toContain('[DONE]')
    await stopped
    expect(control.usage).toMatchObject([{ status: 200, completion_tokens: 3 }])
  })

  it('cuts off what does not end in time, and still hands in its usage', async () => {
    const { engine, control, gateway } = await startServing({ stopTimeoutMs: 50 })
    const goOn = holdStream(engine)
    const response = await gateway.post('/v1/chat/completions', { ...ask, stream: true })
    const body = response.text().catch(() => 'cut off')
    await gateway.close()
    expect(await body).toBe('cut off')
    await engine.aborted(1)
    goOn()
    expect(control.usage).toMatchObject([{ status: 499 }])
  })
})

describe('/metrics', () => {
  it('counts requests by route and status and needs no key from this machine, but the token through a proxy', async () => {
    const engine = keep(await startTestEngine())
    const control = keep(await new TestControlPlane().listen())
    const version = control.publish([route('chat', [upstream('chat.0', engine.url)])])
    const gateway = keep(await startTestGateway(control.url))
    await (await gateway.post('/v1/chat/completions', { ...ask, stream: true })).text()
    await gateway.post('/v1/chat/completions', { ...ask, model: 'other' })
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(text).toContain('bud_gateway_requests_total{route="chat",status="200"} 1')
    expect(text).toContain('bud_gateway_requests_total{route="",status="404"} 1')
    expect(text).toContain('bud_gateway_ttft_seconds_count{route="chat"} 1')
    expect(text).toContain(`bud_gateway_snapshot_version ${version}`)
    const proxied = { 'x-forwarded-for': '10.0.0.9' }
    expect((await fetch(`${gateway.url}/metrics`, { headers: proxied })).status).toBe(401)
    const headers = { ...proxied, authorization: 'Bearer gateway-token' }
    expect((await fetch(`${gateway.url}/metrics`, { headers })).status).toBe(200)
  })
})
