import { describe, expect, it } from 'vitest'
import { planVersion } from './plan-version.ts'

const windows = (endpoint_id: string | null, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({
    endpoint_id,
    endpoint_name: `endpoint ${endpoint_id}`,
    observed_at: new Date(Date.UTC(2026, 0, 1) + (from + i) * 300_000).toISOString(),
  }))
const latest = {
  number: 1,
  predictor: 'trees-1',
  endpoint_ids: ['a'],
  observed_until: windows('a', 1, 9)[0]?.observed_at ?? '',
  observations: [],
}
const question = { latest, predictor: 'trees-1', evidence: windows('a', 10), drifted: [] }

describe('a new version', () => {
  it('is not made without evidence, nor for little more than there was', () => {
    expect(planVersion({ ...question, latest: undefined, evidence: [] })).toBeUndefined()
    expect(planVersion(question)).toBeUndefined()
    expect(planVersion({ ...question, evidence: windows('a', 21) })).toBeUndefined()
  })

  it('is made of the first windows of an endpoint', () => {
    expect(planVersion({ ...question, latest: undefined, evidence: windows('a', 2) })).toBeUndefined()
    expect(planVersion({ ...question, latest: undefined, evidence: windows('a', 3) })).toMatch(/first 3 windows/)
    expect(planVersion({ ...question, evidence: [...windows('a', 10), ...windows('b', 3, 10)] })).toBe(
      'The first 3 windows of endpoint b.',
    )
  })

  it('is made of an hour of more windows', () => {
    expect(planVersion({ ...question, evidence: windows('a', 22) })).toBe('12 new observations.')
  })

  it('is made when an endpoint has shifted, and when predictions are another’s', () => {
    expect(planVersion({ ...question, drifted: ['chat'] })).toBe('What chat serves has shifted.')
    expect(planVersion({ ...question, predictor: 'trees-2' })).toMatch(/trees-2/)
  })
})
