import { describe, expect, test } from 'vitest'
import { assessHealth, type Health } from './checks.ts'

const well: Health = {
  gatewayUrl: 'http://localhost:4000/v1',
  gatewayAnswers: true,
  databaseAnswers: true,
  clusters: [{ name: 'demo', state: 'ready', state_reason: null }],
  dashboardBuilt: true,
}

describe('the self-check', () => {
  test('of a well system names every part and asks for nothing', () => {
    const checks = assessHealth(well)
    expect(checks.map((check) => check.name)).toEqual(['database', 'gateway', 'dashboard', 'cluster demo'])
    expect(checks.every((check) => check.ok && check.next_step === null)).toBe(true)
  })

  test('says of each part that is not well what is wrong and what to do', () => {
    const checks = assessHealth({
      ...well,
      databaseAnswers: false,
      gatewayAnswers: false,
      dashboardBuilt: false,
      clusters: [{ name: 'demo', state: 'unreachable', state_reason: 'its simulator does not answer' }],
    })
    expect(checks.map((check) => check.ok)).toEqual([false, false, false, false])
    expect(checks.every((check) => check.next_step !== null)).toBe(true)
    expect(checks[1]?.message).toContain('http://localhost:4000/v1')
    expect(checks[3]?.message).toBe('its simulator does not answer')
  })
})
