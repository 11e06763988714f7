import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSink, readJson, readText } from './files.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bud-files-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a file appears whole under its name, or not at all', async () => {
  const file = join(folder, 'out.csv')
  const sink = await openSink(file)
  await sink.write('a'.repeat(1_000_000))
  expect(existsSync(file)).toBe(false)
  await sink.finish()
  expect(readFileSync(file, 'utf8')).toHaveLength(1_000_000)
  const other = await openSink(file)
  await other.write('half')
  await other.abandon()
  expect(readFileSync(file, 'utf8')).toHaveLength(1_000_000)
  expect(readdirSync(folder)).toEqual(['out.csv'])
  await expect(openSink(join(folder, 'no', 'such', 'folder.csv'))).rejects.toThrow('cannot be written')
})

test('text is read in pieces, without its byte order mark, characters whole', async () => {
  const file = join(folder, 'in.csv')
  const text = 'naïve, “quoted”, 漢字\n'.repeat(20_000)
  writeFileSync(file, `\uFEFF${text}`)
  let read = ''
  for await (const piece of readText(file)) read += piece
  expect(read).toBe(text)
  await expect(readText(join(folder, 'none')).next()).rejects.toThrow(`There is no file ${join(folder, 'none')}.`)
  await expect(readText(folder).next()).rejects.toThrow('cannot be read')
})

test('what is no JSON is said so, with the place', async () => {
  const file = join(folder, 'bad.json')
  writeFileSync(file, '{"a": 1,\n "b": }')
  await expect(readJson(file)).rejects.toThrow(/bad\.json is not JSON: Unexpected token '}'/)
})
