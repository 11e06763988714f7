import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { route, TEST_KEY, TEST_TOKEN, TestControlPlane, upstream } from '@bud/budgateway/testing/test-control-plane'
import {
  beginStream,
  contentChunk,
  endStream,
  event,
  startTestEngine,
  type TestEngine,
} from '@bud/budgateway/testing/test-engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const main = join(import.meta.dirname, 'main.ts')
let stateDir: string
let control: TestControlPlane
let engine: TestEngine
const children: ChildProcess[] = []

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'bud-gateway-process-'))
  control = await new TestControlPlane().listen()
  engine = await startTestEngine()
  control.publish([route('chat', [upstream('chat.0', engine.url)])])
})
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  await Promise.all([engine.close(), control.close()])
  rmSync(stateDir, { recursive: true, force: true })
})

function launch(argv: string[] = []) {
  const env = { PATH: process.env.PATH, BUD_CONTROL_URL: control.url, BUD_GATEWAY_TOKEN: TEST_TOKEN }
  const args = ['--port', '0', '--state-dir', stateDir, ...argv]
  const child = fork(main, args, { env, silent: true, execArgv: [] })
  children.push(child)
  let output = ''
  const read = async (stream: Readable | null) => {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    if (stream) await once(stream, 'close')
  }
  const exited = Promise.all([once(child, 'exit'), read(child.stdout), read(child.stderr)]).then(([[code]]) => ({
    code,
    output,
  }))
  return { child, exited }
}

async function ready(child: ChildProcess): Promise<string> {
  const [message] = await once(child, 'message')
  expect(message).toMatchObject({ type: 'ready', port: expect.any(Number) })
  return `http://127.0.0.1:${message.port}`
}

const ask = (url: string, stream = false) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}` },
    body: JSON.stringify({ model: 'chat', messages: [], stream }),
  })

describe('a gateway process', () => {
  it('loses no usage to kill -9 and delivers each record once', async () => {
    control.usageStatus = 503
    const first = launch()
    const url = await ready(first.child)
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(url).then((answer) => answer.text())))
    expect(answers).toHaveLength(40)
    first.child.kill('SIGKILL')
    await first.exited
    expect(control.usage).toHaveLength(0)
    control.usageStatus = undefined
    const second = launch()
    await ready(second.child)
    expect(new Set((await control.usageOf(40)).map(({ id }) => id)).size).toBe(40)
    expect(control.deliveries).toHaveLength(40)
  })

  it.each(['SIGTERM', 'the parent’s end'])('lets requests end on %s, then ends with 0', async (how) => {
    const { child, exited } = launch()
    const url = await ready(child)
    const goOn = Promise.withResolvers<void>()
    engine.answerWith(async (request, response) => {
      beginStream(response)
      response.write(event(contentChunk('one')))
      await goOn.promise
      endStream(request, response)
    })
    const response = await ask(url, true)
    if (how === 'SIGTERM') child.kill('SIGTERM')
    else child.disconnect()
    goOn.resolve()
    expect(await response.text()).toContain('[DONE]')
    expect((await exited).code).toBe(0)
    expect(control.usage).toMatchObject([{ status: 200, completion_tokens: 3 }])
  })

  it('ends when its parent is gone without a trace, with nobody left to read its log', async () => {
    const parent = await new TestControlPlane().listen()
    const { child } = launch(['--control-url', parent.url])
    await ready(child)
    child.stdout?.destroy()
    child.stderr?.destroy()
    await Promise.all([parent.close(), child.disconnect()])
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('says that its port is taken and ends with 3', async () => {
    const occupant = createServer().listen(0, '127.0.0.1')
    await once(occupant, 'listening')
    const { port } = occupant.address() as { port: number }
    const { code, output } = await launch(['--port', String(port)]).exited
    occupant.close()
    expect({ code, output }).toMatchObject({
      code: 3,
      output: expect.stringContaining(`Port ${port} on 127.0.0.1 is taken`),
    })
  })

  it('lists wrong settings and ends with 2', async () => {
    const { code, output } = await launch(['--control-url', 'nowhere', '--max-in-flight=-1']).exited
    expect(code).toBe(2)
    expect(output).toMatch(/--control-url.*\n.*--max-in-flight/)
  })
})
