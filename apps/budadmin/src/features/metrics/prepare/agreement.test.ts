import type { Prediction } from '@bud/kernel'
import { expect, test } from 'vitest'
import { agreementOf, describeAgreement } from './agreement.ts'

const interval = { value: 100, low: 80, high: 130 }
const prediction = { ttft_ms_p99: interval, e2e_ms_p99: interval, output_tokens_per_s: interval } as Prediction

test('inside the interval is as predicted, beyond it says on which side', () => {
  expect([79, 80, 130, 131].map((value) => agreementOf('ttft_p99', value, interval)?.word)).toEqual([
    'faster than predicted',
    'as predicted',
    'as predicted',
    'slower than predicted',
  ])
})

test('less throughput is no verdict: less may have been asked', () => {
  expect(agreementOf('throughput', 10, interval)?.tone).toBe('idle')
})

test('without a measurement or an interval nothing is claimed', () => {
  expect(agreementOf('ttft_p99', null, interval)).toBeUndefined()
  expect(agreementOf('ttft_p99', 100, { value: 100, low: null, high: null })).toBeUndefined()
  expect(agreementOf('queue_depth', 1, undefined)).toBeUndefined()
})

test('one sentence answers for the endpoint: what is slower comes first', () => {
  const at = (metric: 'ttft_p99' | 'inference_latency_p99', value: number | null) => ({
    metric,
    agreement: agreementOf(metric, value, interval),
  })
  expect(describeAgreement([at('ttft_p99', 200), at('inference_latency_p99', 90)], prediction)).toEqual({
    tone: 'warn',
    word: 'Slower than predicted: time to first token, p99.',
  })
  expect(describeAgreement([at('ttft_p99', 90), at('inference_latency_p99', 90)], prediction).tone).toBe('good')
  expect(describeAgreement([at('ttft_p99', null)], prediction).word).toMatch(/Nothing measured/)
  expect(describeAgreement([], null).word).toMatch(/Nothing was predicted/)
  const old = { ...prediction, ttft_ms_p99: { value: 1, low: null, high: null } }
  expect(describeAgreement([], old).word).toMatch(/no interval/)
})
