import type { EndpointObservations } from '@bud/contract'
import { describe, expect, it } from 'vitest'
import { deviation, driftText, learntText } from './observations.ts'

const nothing: EndpointObservations = { endpoint_id: 'ep-1', refinement: null, drift: null, observations: [] }

describe('actual against predicted', () => {
  it('is a signed percentage, and nothing where nothing was measured', () => {
    expect([deviation(12, 10), deviation(9, 10), deviation(10.01, 10), deviation(null, 10)]).toEqual([
      '+20 %',
      '−10 %',
      '±0 %',
      undefined,
    ])
  })

  it('says what is missing before there is a window', () => {
    expect(learntText(nothing)).toMatch(/20 requests/)
  })

  it('says what has shifted, and nothing while nothing has', () => {
    const drift = {
      drifting: true,
      target: 'tpot' as const,
      since: null,
      from_ratio: 1.1,
      to_ratio: 1.43,
      changed_at: '',
    }
    expect(driftText({ ...nothing, drift })).toBe(
      'Time per output token has grown by 30 % against what this endpoint used to show.',
    )
    expect(driftText({ ...nothing, drift: { ...drift, drifting: false } })).toBeUndefined()
  })
})
