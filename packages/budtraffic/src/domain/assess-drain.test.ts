import { describe, expect, it } from 'vitest'
import { type HeardReport, isDrained } from './assess-drain.ts'

const nowMs = Date.UTC(2026, 0, 1)
const report = (change: Partial<HeardReport> = {}): HeardReport => ({
  gateway_id: 'g1',
  applied_version: 5,
  in_flight: [],
  seen_at: new Date(nowMs).toISOString(),
  ...change,
})
const agesMs = (ms: number) => ({ seen_at: new Date(nowMs - ms).toISOString() })
const ask = { upstream_ids: ['a', 'b'], version: 5, listeningSinceMs: nowMs - 3_600_000, nowMs }

describe('isDrained', () => {
  it.each<[string, HeardReport[], boolean]>([
    ['without any gateway', [], true],
    ['when the gateway has applied the version', [report()], true],
    ['when it has applied a later one', [report({ applied_version: 6 })], true],
    ['not while a gateway is behind', [report(), report({ applied_version: 4 })], false],
    [
      'not while a request is under way to one of them',
      [report({ in_flight: [{ upstream_id: 'b', count: 1 }] })],
      false,
    ],
    ['whatever is under way to others', [report({ in_flight: [{ upstream_id: 'c', count: 9 }] })], true],
    ['not just before the lease of a silent gateway ends', [report({ applied_version: 4, ...agesMs(9_999) })], false],
    ['once the lease of a silent gateway has ended', [report({ applied_version: 4, ...agesMs(10_000) })], true],
  ])('%s', (_, reports, drained) => {
    expect(isDrained(reports, ask)).toBe(drained)
  })

  it.each([
    ['not before a gateway could report again after nobody had listened', 9_999, false],
    ['once it had the time of a lease for that', 10_000, true],
  ])('%s', (_, listeningForMs, drained) => {
    const reports = [report({ applied_version: 4, ...agesMs(60_000) })]
    expect(isDrained(reports, { ...ask, listeningSinceMs: nowMs - listeningForMs })).toBe(drained)
  })
})
