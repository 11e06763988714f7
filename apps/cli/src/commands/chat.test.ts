import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'
import { json, type ScriptedFoundry, startScriptedFoundry } from '../testing/scripted-foundry.ts'

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

describe('bud chat', () => {
  let foundry: ScriptedFoundry
  let home: string
  beforeAll(async () => {
    foundry = await startScriptedFoundry()
  })
  afterAll(() => foundry.close())
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'bud-chat-'))
    foundry.seen.length = 0
    foundry.on('GET /endpoints/chat', json(200, { gateway_url: `${foundry.url}/v1` }))
    foundry.on('GET /inference-keys', json(200, []))
    foundry.on('POST /inference-keys', json(201, { id: 'key-1', name: 'bud', secret: 'gateway-key' }))
    return () => rmSync(home, { recursive: true })
  })
  const completions = 'POST /v1/chat/completions'
  const chat = (...args: string[]) =>
    runBud('chat', 'chat', 'Hello', 'there', '--url', foundry.url, '--token', 'x', '--data-dir', home, ...args)
  const asked = () => JSON.parse(foundry.seen.find(({ path }) => path.startsWith('/v1'))?.body ?? '')

  test('shows the answer as it comes, and how fast it came', async () => {
    foundry.on(completions, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const content of ['Good ', 'day.'])
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`)
      response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`)
    })
    const { code, stdout } = await chat()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Good day\.\n\n\(first token after .* ms, 2 tokens in .* ms/)
    expect(asked()).toMatchObject({ model: 'chat', stream: true, messages: [{ role: 'user', content: 'Hello there' }] })
  })

  test('waits for the whole answer when told so; with --json it is one document', async () => {
    foundry.on(
      completions,
      json(200, { choices: [{ index: 0, message: { role: 'assistant', content: 'Good day.' } }], usage }),
    )
    const { code, stdout } = await chat('--no-stream', '--json', '--max-tokens', '7')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ answer: 'Good day.', completionTokens: 2 })
    expect(asked()).toMatchObject({ max_tokens: 7 })
    expect(asked().stream ?? false).toBe(false)
  })

  test('makes itself a key once, keeps it, and makes another when it was revoked', async () => {
    foundry.on(completions, json(200, { choices: [], usage }))
    const made = () => foundry.seen.filter(({ method, path }) => method === 'POST' && path === '/inference-keys').length
    await chat('--no-stream')
    expect(made()).toBe(1)
    expect(JSON.parse(readFileSync(join(home, 'cli-inference-key.json'), 'utf8')).secret).toBe('gateway-key')
    foundry.on('GET /inference-keys', json(200, [{ id: 'key-1' }]))
    await chat('--no-stream')
    expect(made()).toBe(1)
    foundry.on('GET /inference-keys', json(200, []))
    await chat('--no-stream')
    expect(made()).toBe(2)
  })

  test('says whose refusal it was, and ends with its exit code', async () => {
    foundry.on(completions, json(404, { error: { message: 'No model "chat".', type: 'not_found', code: 404 } }))
    const { code, stderr } = await chat()
    expect(code).toBe(4)
    expect(stderr).toContain(`The gateway at ${foundry.url}/v1 answered: 404 No model "chat".`)
  })

  test('says that the gateway does not answer, when it is the gateway', async () => {
    foundry.on('GET /endpoints/chat', json(200, { gateway_url: 'http://127.0.0.1:1/v1' }))
    const { code, stderr } = await chat()
    expect(code).toBe(3)
    expect(stderr).toMatch(
      /The gateway at http:\/\/127\.0\.0\.1:1\/v1 does not answer: .* "(npx )?bud doctor" says more\./,
    )
  })

  test('refuses a length that is no number', async () => {
    expect(await chat('--max-tokens', 'many')).toMatchObject({
      code: 2,
      stderr: '--max-tokens must be a number, not "many".\n',
    })
  })
})
