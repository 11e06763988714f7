import { describe, expect, it } from 'vitest'
import { fileInMemory } from '../domain/formats/ranged-file.ts'
import { eicarTestString } from '../domain/scan/signature-search.ts'
import { pickleOf, pickleOp } from '../testing/pickle-writer.ts'
import { testScanner, testStreamScanner } from '../testing/scanner.contract.ts'
import { createFormatScanner } from './format-scanner.ts'
import { createSecretScanner } from './secret-scanner.ts'
import { createSignatureScanner } from './signature-scanner.ts'

testScanner(createFormatScanner(), {
  path: 'weights.bin',
  content: pickleOf(
    pickleOp.proto(2),
    pickleOp.global('os', 'system'),
    pickleOp.emptyTuple(),
    pickleOp.reduce(),
    pickleOp.stop(),
  ),
})

testStreamScanner(createSignatureScanner(), { path: 'notes.txt', content: Buffer.from(`xyz${eicarTestString}`) })

testStreamScanner(createSecretScanner(), {
  path: 'notes.txt',
  content: Buffer.from(`token = "${['hf', 'QmVrYW5udGVyU2NobHVlc3NlbDEyMzQ1Njc4'.slice(0, 34)].join('_')}"\n`),
})

describe('the format scanner', () => {
  it('gives a file up after its time, looks at others all the while, and is not held by it', async () => {
    const scanner = createFormatScanner({ timeoutMs: 1500, threads: 2 })
    const stuck = { path: 'stuck.bin', bytes: 1000, read: () => new Promise<Uint8Array>(() => {}) }
    const [given, clean] = await Promise.all([
      scanner.scan(stuck),
      scanner.scan(fileInMemory('README.md', Buffer.from('# A model'))),
    ])
    expect(given).toMatchObject({ bytes_covered: 0, findings: [{ rule: 'scanner-failed', severity: 'warn' }] })
    expect(clean).toMatchObject({ bytes_covered: 9, findings: [] })
    expect(await scanner.scan(fileInMemory('b.md', Buffer.from('# B')))).toMatchObject({ bytes_covered: 3 })
  })

  it('says so when the bytes cannot be read', async () => {
    const broken = { path: 'a.bin', bytes: 10, read: () => Promise.reject(new Error('the store is gone')) }
    expect(await createFormatScanner().scan(broken)).toMatchObject({
      bytes_covered: 0,
      findings: [{ message: expect.stringContaining('the store is gone') }],
    })
  })
})
