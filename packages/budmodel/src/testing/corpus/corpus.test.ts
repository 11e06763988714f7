import { describe, expect, it } from 'vitest'
import { corpus } from './index.ts'
import { scanCase } from './scan-case.ts'

const malicious = corpus.filter(({ kind }) => kind === 'malicious')
const clean = corpus.filter(({ kind }) => kind === 'clean')

describe('the corpus', () => {
  it('has cases with names of their own, reasons, and files', () => {
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length)
    for (const { name, why, files, kind, expects } of corpus) {
      expect(name).toMatch(/^[a-z0-9-]{3,100}$/)
      expect(why).toMatch(/\S.*\.$/)
      expect(Object.keys(files).length).toBeGreaterThan(0)
      expect([name, expects.length > 0]).toEqual([name, kind === 'malicious'])
    }
    expect(malicious.length).toBeGreaterThanOrEqual(60)
    expect(clean.length).toBeGreaterThanOrEqual(20)
  })

  for (const entry of malicious) {
    it(`blocks ${entry.name}`, async () => {
      const { findings } = await scanCase(entry)
      const rules = findings.filter(({ severity }) => severity === 'block').map(({ rule }) => rule)
      expect(
        rules.some((rule) => entry.expects.includes(rule)),
        `${entry.why} Rules that block it: ${rules}`,
      ).toBe(true)
    })
  }

  for (const entry of clean) {
    it(`leaves ${entry.name} alone`, async () => {
      const { findings, isComplete } = await scanCase(entry)
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
      expect(isComplete).toBe(true)
    })
  }
})
