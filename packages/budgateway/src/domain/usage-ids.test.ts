import { createId } from '@bud/kernel'
import { describe, expect, it } from 'vitest'
import { createUsageIds } from './usage-ids.ts'

describe('usage ids', () => {
  const random = () => createUsageIds((bytes) => crypto.getRandomValues(bytes))

  it('never repeat, also across refills and gateways', () => {
    const [first, second] = [random(), random()]
    const ids = Array.from({ length: 2_000 }, (_, i) => (i % 2 ? first : second)(1_750_000_000_000))
    expect(new Set(ids).size).toBe(2_000)
  })

  it('look and sort like the kernel’s', () => {
    const newId = random()
    const nowMs = 1_750_000_000_000
    expect(newId(nowMs).slice(0, 16)).toBe(createId('usage', nowMs).slice(0, 16))
    expect(newId(nowMs)).toMatch(/^usage-[0-9a-hjkmnp-tv-z]{26}$/)
    expect(newId(nowMs) < newId(nowMs + 1)).toBe(true)
  })
})
