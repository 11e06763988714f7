import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keepSecretFile, writeSecretFile } from './secret-files.ts'

describe('a secret file', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bud-secret-'))
    file = join(folder, 'token')
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const mode = () => (statSync(file).mode & 0o777).toString(8)

  test('is readable by its owner only', () => {
    writeSecretFile(file, 'hush')
    expect(mode()).toBe('600')
    expect(readFileSync(file, 'utf8')).toBe('hush\n')
  })

  test('is so also when an open one lay there, or a draft that a crash left', () => {
    for (const earlier of [file, `${file}.new`]) {
      writeFileSync(earlier, 'old')
      chmodSync(earlier, 0o644)
    }
    writeSecretFile(file, 'hush')
    expect(mode()).toBe('600')
    expect(readFileSync(file, 'utf8')).toBe('hush\n')
    expect(readdirSync(folder)).toEqual(['token'])
  })

  test('is made once, of 256 random bits, and kept', () => {
    const secret = keepSecretFile(file)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(mode()).toBe('600')
    expect(keepSecretFile(file)).toBe(secret)
    expect(keepSecretFile(join(folder, 'other'))).not.toBe(secret)
  })
})
