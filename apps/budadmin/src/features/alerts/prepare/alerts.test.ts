import type { Alert, AlertRule } from '@bud/kernel'
import { expect, test } from 'vitest'
import { describeAlerts, describeRule, sinceOf } from './alerts.ts'

const rule: AlertRule = {
  metric: 'ttft_p99',
  op: '>',
  threshold: 500,
  for_s: 60,
  min_samples: 20,
  only_when_queued: false,
  source: 'default',
}
const alert = (state: Alert['state']): Alert => ({
  id: `alert-${state}`,
  endpoint_id: 'ep-1',
  endpoint_name: 'chat',
  metric: 'ttft_p99',
  state,
  rule,
  value: 700,
  message: 'too slow',
  pending_at: '2026-05-04T12:00:00.000Z',
  firing_at: state === 'pending' ? null : '2026-05-04T12:01:00.000Z',
  resolved_at: state === 'resolved' ? '2026-05-04T12:02:00.000Z' : null,
})

test('an alert stands since it entered its state', () => {
  expect(sinceOf(alert('pending'))).toMatch(/12:00/)
  expect(sinceOf(alert('firing'))).toMatch(/12:01/)
  expect(sinceOf(alert('resolved'))).toMatch(/12:02/)
})

test('says what fires', () => {
  expect(describeAlerts([alert('resolved')])).toBe('Nothing fires.')
  expect(describeAlerts([alert('firing'), alert('pending')])).toBe('1 alert fires, 1 pending.')
  expect(describeAlerts([alert('pending')])).toBe('Nothing fires, 1 pending.')
})

test('a rule in words', () => {
  expect(describeRule(rule)).toBe('> 500 ms for 1 min, on at least 20 requests')
  expect(describeRule({ ...rule, for_s: 0, min_samples: 0, only_when_queued: true })).toBe(
    '> 500 ms at once, while requests wait',
  )
  expect(describeRule({ ...rule, threshold: null })).toBe('Sleeps: no target is set.')
})
