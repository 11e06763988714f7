import { describe, expect, it } from 'vitest'
import { assessWindow, type EndpointWindow } from './assess-window.ts'

const window: EndpointWindow = {
  from_ms: 0,
  to_ms: 300_000,
  covered_s: 300,
  requests: 600,
  failed_requests: 0,
  ttft_ms: 80,
  tpot_ms: 12,
  prompt_tokens: 600_000,
  output_tokens: 120_000,
  in_flight: 12,
  waiting_max: 1,
  replicas: 2,
  steady: true,
}
const subject = { state: 'ready' as const, busy: false, replicas: 2, least_s: 60 }

describe('a window', () => {
  it('is one replica’s share of what was asked and measured', () => {
    expect(assessWindow(window, subject)).toEqual({
      use: true,
      load: { input_tokens: 1000, output_tokens: 200, concurrency: 6, requests: 600 },
      measured: { ttft_ms: 80, tpot_ms: 12, output_tokens_per_s: 200 },
    })
  })

  it('has at least the request in flight that is being timed', () => {
    expect(assessWindow({ ...window, in_flight: 0.3 }, subject)).toMatchObject({ load: { concurrency: 1 } })
  })

  it.each([
    ['in-change', {}, { state: 'updating' as const }],
    ['in-change', {}, { busy: true }],
    ['unsteady', { steady: false }, {}],
    ['unsteady', { replicas: 1 }, {}],
    ['short', { covered_s: 30 }, {}],
    ['few-requests', { requests: 19 }, {}],
    ['errors', { failed_requests: 60 }, {}],
    ['no-decoding', { output_tokens: 600 }, {}],
    ['untimed', { ttft_ms: null, tpot_ms: null }, {}],
    ['untimed', { in_flight: null }, {}],
    ['saturated', { waiting_max: 20 }, {}],
  ])('is left out, with the reason: %s', (code, change, other) => {
    expect(assessWindow({ ...window, ...change }, { ...subject, ...other })).toMatchObject({
      use: false,
      reason: { code },
    })
  })
})
