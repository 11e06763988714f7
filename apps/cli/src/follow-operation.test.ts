import type { Operation } from '@bud/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
