import type { Endpoint, ModelSummary } from '@bud/contract'
import type { Alert } from '@bud/kernel'
import { expect, test } from 'vitest'
import { toAttention } from './attention.ts'

const since = '2026-05-04T12:00:00.000Z'
const state = (name: string, message?: string) => ({ name, since, reasons: message ? [{ code: 'x', message }] : [] })
const alert = (of: string) =>
  ({ id: of, state: of, endpoint_name: 'chat', message: 'too slow', pending_at: since }) as Alert
const endpoint = (name: string) => ({ id: name, name: 'chat', state: state(name, 'one replica is down') }) as Endpoint
const model = (name: string) => ({ id: name, name: 'tiny', state: state(name) }) as ModelSummary

test('only what needs a person is listed, the most urgent kind first', () => {
  const items = toAttention(
    [alert('pending'), alert('firing'), alert('resolved')],
    [endpoint('ready'), endpoint('degraded'), endpoint('starting')],
    [model('available'), model('quarantined'), model('scanning')],
  )
  expect(items.map((item) => item.key)).toEqual(['firing', 'degraded', 'quarantined'])
})

test('each says why, and has one action', () => {
  const [item] = toAttention([], [endpoint('failed')], [])
  expect(item).toMatchObject({
    message: 'one replica is down',
    action: { label: 'See why', to: 'endpoint', id: 'failed' },
  })
  expect(toAttention([], [], [model('quarantined')])[0]?.message).toBe('is quarantined')
})
