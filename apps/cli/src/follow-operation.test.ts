import { createFoundryClient, type Operation } from '@bud/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { followOperation } from './follow-operation.ts'
import { runBud } from './testing/run-bud.ts'
import { event, events, json, refusal, type ScriptedFoundry, startScriptedFoundry } from './testing/scripted-foundry.ts'

type Step = Operation['steps'][number]

const step = (name: string, state: Step['state'], message: string | null = null): Step => ({
  name,
  state,
  message,
  started_at: null,
  ended_at: null,
  progress: null,
})

const operation = (state: Operation['state'], steps: Step[], reasons: Operation['reasons'] = []): Operation => ({
  id: 'op-1',
  kind: 'delete',
  subject_id: 'ep-1',
  state,
  created_by: 'u',
  created_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
  reasons,
  steps,
})

const begun = operation('running', [step('withdraw', 'running'), step('stop', 'pending')])
const halfway = operation('running', [step('withdraw', 'succeeded', 'traffic has gone'), step('stop', 'running')])
const done = operation('succeeded', [step('withdraw', 'succeeded', 'traffic has gone'), step('stop', 'succeeded')])

describe('following long work', () => {
  let foundry: ScriptedFoundry
  beforeAll(async () => {
    foundry = await startScriptedFoundry()
  })
  afterAll(() => foundry.close())
  beforeEach(() => {
    foundry.seen.length = 0
    foundry.on('DELETE /endpoints/chat', json(202, { id: 'ep-1', operation_id: 'op-1' }))
  })
  const place = 'GET /operations/op-1/events'
  const follow = (...args: string[]) =>
    runBud('endpoint', 'delete', 'chat', '--url', foundry.url, '--token', 'x', ...args)

  test('shows each step once, when it ends, and ends with the work', async () => {
    foundry.on(place, events(begun, halfway, halfway, done))
    expect(await follow()).toEqual({
      code: 0,
      stdout: 'Deleted chat.\n',
      stderr: '  ✓ withdraw: traffic has gone\n  ✓ stop\n',
    })
  })

  test('says nothing on the way with --json', async () => {
    foundry.on(place, events(begun, halfway, done))
    const { code, stdout, stderr } = await follow('--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({ id: 'ep-1', operation_id: 'op-1' })
  })

  test('of work that fails ends with 1 and every reason', async () => {
    const reasons = [{ code: 'engine-failed', message: 'CUDA out of memory.', next_step: 'Lower max_num_seqs.' }]
    const failed = operation(
      'failed',
      [step('withdraw', 'succeeded'), step('stop', 'failed', 'out of memory')],
      reasons,
    )
    foundry.on(place, events(begun, failed))
    const { code, stderr } = await follow()
    expect(code).toBe(1)
    expect(stderr).toContain('  ✗ stop: out of memory\n')
    expect(stderr).toContain('delete failed (op-1).\n  • CUDA out of memory.\n    next: Lower max_num_seqs.\n')
  })

  test('takes up a line that breaks, as when the Foundry is started again', async () => {
    let asked = 0
    foundry.on(place, (request, response) => {
      asked++
      if (asked > 2) return events(halfway, done)(request, response)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event(begun), () => (asked === 1 ? response.destroy() : response.end()))
    })
    expect((await follow()).code).toBe(0)
    expect(asked).toBe(3)
  })

  test('gives up on a Foundry that is gone for good, and says that the work goes on and how to look', async () => {
    const url = 'http://127.0.0.1:1'
    const cli = {
      client: createFoundryClient({ url }),
      connection: { url, token: undefined, secretsDir: '', tokenSource: '' },
      say: () => {},
      json: true,
    }
    await expect(followOperation(cli, 'op-1', 0)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/op-1 goes on when it is started again.*bud operation watch op-1/),
    })
  })

  test('is a verb of its own, as are the list and how one stands', async () => {
    const bud = (...args: string[]) => runBud('operation', ...args, '--url', foundry.url, '--token', 'x')
    foundry.on(place, events(begun, done))
    expect((await bud('watch', 'op-1')).stdout).toBe('delete succeeded (op-1).\n')
    foundry.on('GET /operations/op-1', json(200, halfway))
    expect((await bud('get', 'op-1')).stdout).toMatch(/delete: running.*✓ withdraw: traffic has gone\n {2}… stop/s)
    foundry.on('GET /operations', json(200, [halfway]))
    expect((await bud('list')).stdout).toMatch(/op-1 +delete +ep-1 +running/)
  })

  test('does not wait when told so', async () => {
    foundry.on(place, events(done))
    expect((await follow('--no-wait')).stdout).toBe('Deleting chat.\n')
    expect(foundry.seen.some(({ path }) => path.startsWith('/operations'))).toBe(false)
  })

  test('of work that nobody knows ends with 4', async () => {
    foundry.on(place, refusal(404, 'NOT_FOUND', 'No operation "op-1".'))
    expect(await follow()).toMatchObject({ code: 4, stderr: 'No operation "op-1".\n' })
  })
})
