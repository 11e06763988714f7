import { describe, expect, it } from 'vitest'
import { boundedFindings } from './bounded-findings.ts'
import { finding, type Severity } from './scan-report.ts'

const of = (severity: Severity, path: string) => ({ ...finding(severity, 'script', 'm'), path, scanner: 'formats' })

describe('findings that are kept', () => {
  it('are all of them, worst first, then by file', () => {
    const kept = boundedFindings([of('info', 'a'), of('warn', 'b'), of('block', 'z'), of('warn', 'a')])
    expect(kept.map(({ severity, path }) => `${severity} ${path}`)).toEqual(['block z', 'warn a', 'warn b', 'info a'])
  })

  it('block a model of which not all can be kept, and keep what blocks', () => {
    const many = Array.from({ length: 20_001 }, (_, index) => of('warn', `a${index}`))
    const kept = boundedFindings([...many, of('block', 'z')])
    expect(kept.slice(0, 2).map(({ severity, rule, path }) => [severity, rule, path])).toEqual([
      ['block', 'too-many-findings', 'z'],
      ['block', 'script', 'z'],
    ])
    expect(kept).toHaveLength(20_001)
  })
})
