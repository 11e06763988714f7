import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFolder } from './check-folder.ts'
import { eicarTestString } from './domain/scan/signature-search.ts'
import { writeSampleModel } from './sample-model.ts'
import type { CorpusCase } from './testing/corpus/corpus-case.ts'
import { corpus } from './testing/corpus/index.ts'

/** Names that no file system takes as they are. */
const isWritable = ({ files }: CorpusCase) =>
  Object.keys(files).every((path) => !path.startsWith('/') && !path.includes('..') && path.isWellFormed())

describe('checking a folder without a server', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bud-check-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const writeCase = ({ files }: CorpusCase) => {
    for (const [path, content] of Object.entries(files)) write(path, content)
  }

  // Every sixth: that each case is judged rightly is the corpus' own test.
  for (const entry of corpus.filter(isWritable).filter((_, at) => at % 6 === 0)) {
    it(`says of ${entry.name} what the registry says`, async () => {
      writeCase(entry)
      const { verdict, findings } = await checkFolder(folder)
      if (entry.kind === 'clean') return expect({ verdict, findings }).toMatchObject({ verdict: 'clean' })
      expect(verdict).toBe('blocked')
      const blocking = findings.filter(({ action }) => action === 'block').map(({ rule }) => rule)
      expect(blocking.some((rule) => entry.expects.includes(rule))).toBe(true)
    })
  }

  it('reports what was looked at: every byte by every scanner, with the files’ digests', async () => {
    const written = await writeSampleModel(folder)
    const listed: unknown[] = []
    let seen = 0
    const report = await checkFolder(folder, {
      onListed: (counted) => listed.push(counted),
      onBytes: (_path, bytes) => {
        seen += bytes
      },
    })
    expect(report).toMatchObject({ verdict: 'clean', file_count: written.files.length, incomplete: [] })
    expect([report.bytes, report.bytes_covered, seen]).toEqual([written.bytes, written.bytes, written.bytes])
    expect(listed).toEqual([{ files: written.files.length, bytes: written.bytes }])
    expect(report.scanners.map(({ name }) => name)).toEqual(['signatures', 'secrets', 'formats'])
    for (const file of report.files) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it('blocks symbolic links, and leaves out what is no part of the model', async () => {
    await writeSampleModel(folder)
    write('.git/hook', eicarTestString)
    symlinkSync('/etc/passwd', join(folder, 'link'))
    const { verdict, findings } = await checkFolder(folder, { leaveOut: (path) => path.startsWith('.git/') })
    expect(verdict).toBe('blocked')
    expect(findings.map(({ path, rule }) => [path, rule])).toEqual([['link', 'symlink']])
  })

  it('judges by the policy given: stricter rules, waivers by the model’s name, a scanner that is not there', async () => {
    await writeSampleModel(folder)
    write('note.bin', eicarTestString)
    const waiver = (model: string) => `waivers:
  - name: known
    rule: eicar-test-file
    model: ${model}
    sha256: ${createHash('sha256').update(eicarTestString).digest('hex')}
    reason: A test.
    expires: ${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}
`
    expect((await checkFolder(folder)).verdict).toBe('blocked')
    const waived = await checkFolder(folder, { policyText: waiver('ranker'), model: 'ranker' })
    expect(waived.findings.find(({ rule }) => rule === 'eicar-test-file')).toMatchObject({
      action: 'waived',
      waiver: 'known',
    })
    expect((await checkFolder(folder, { policyText: waiver('ranker'), model: 'other' })).verdict).toBe('blocked')
    rmSync(join(folder, 'note.bin'))
    expect((await checkFolder(folder, { policyText: 'clamd: required\n' })).verdict).toBe('incomplete')
  })

  it('refuses a folder that is none, and a policy with every problem in it', async () => {
    await expect(checkFolder(join(folder, 'nothing'))).rejects.toThrow(/There is no folder/)
    write('file', 'x')
    await expect(checkFolder(join(folder, 'file'))).rejects.toThrow(/is no folder/)
    await expect(checkFolder(folder, { policyText: 'clam: x\nremote_code: maybe\n' })).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{}, {}],
    })
  })

  it('calls an empty folder incomplete: nothing was looked at', async () => {
    expect((await checkFolder(folder)).verdict).toBe('incomplete')
  })
})
