import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BLOCKING_RULES } from '../../domain/policy/blocking-rules.ts'
import { corpus } from './index.ts'
import { scanCase } from './scan-case.ts'
import { writeCorpus } from './write-corpus.ts'

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

  it('can be written out whole, with a list of what it is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bud-corpus-'))
    try {
      await writeCorpus(folder)
      const listed: { name: string; files: string[] }[] = JSON.parse(
        await readFile(join(folder, 'corpus.json'), 'utf8'),
      )
      expect(listed.map(({ name }) => name)).toEqual(corpus.map(({ name }) => name))
      for (const { name, files } of corpus)
        for (const [path, content] of Object.entries(files))
          expect((await readFile(join(folder, name, path))).equals(content)).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  for (const entry of malicious) {
    it(`blocks ${entry.name}`, async () => {
      const { findings } = await scanCase(entry)
      const rules = findings.filter(({ severity }) => severity === 'block').map(({ rule }) => rule)
      expect(
        rules.some((rule) => entry.expects.includes(rule)),
        `${entry.why} Rules that block it: ${rules}`,
      ).toBe(true)
      expect(rules.filter((rule) => !BLOCKING_RULES.has(rule))).toEqual([])
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
