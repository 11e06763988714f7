import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomSecretKey } from '../testing/random-secret-key.ts'
import { createSecretBox } from './aes-secret-box.ts'
import { readSecretKeyFile } from './secret-key-file.ts'

test('opens what it sealed, and seals the same text differently each time', () => {
  const box = createSecretBox(randomSecretKey())
  const sealed = [box.seal('Köln 🗝'), box.seal('Köln 🗝')]
  expect(sealed.map(box.open)).toEqual(['Köln 🗝', 'Köln 🗝'])
  expect(sealed[0]).not.toBe(sealed[1])
  expect(box.open(box.seal(''))).toBe('')
})

test('refuses what was sealed with another key, changed, cut short or never sealed', () => {
  const box = createSecretBox(randomSecretKey())
  const sealed = box.seal('hush')
  const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`
  for (const text of [createSecretBox(randomSecretKey()).seal('hush'), changed, sealed.slice(0, 12), 'hush', '']) {
    expect(() => box.open(text)).toThrow(/sealed with another key/)
  }
})

test('refuses a key of the wrong size', () => {
  expect(() => createSecretBox(new Uint8Array(16))).toThrow(/16 bytes; 32 are needed/)
})

test('the key file is made once, for its owner only, and a damaged one is refused', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bud-'))
  const key = await readSecretKeyFile(dir)
  expect(await readSecretKeyFile(dir)).toEqual(key)
  expect((await stat(join(dir, 'secret.key'))).mode & 0o777).toBe(0o600)
  expect((await readFile(join(dir, 'secret.key'), 'utf8')).trim()).toBe(Buffer.from(key).toString('base64'))
  await writeFile(join(dir, 'secret.key'), 'half')
  await expect(readSecretKeyFile(dir)).rejects.toThrow(/secret.key is damaged/)
  await rm(dir, { recursive: true })
})
