import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPushJournal } from './push-journal.ts'

const upload = { id: 'upload-1', source_path: 'upload://upload-1' }
const weights = { path: 'model.safetensors', bytes: 100, changed_ms: 5.25 }

describe('what a push remembers', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'bud-journal-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))
  const open = (server = 'http://a', folder = '/m') => openPushJournal(server, folder, dir)
  const begun = () => {
    const journal = open()
    journal.begin(upload)
    return journal
  }

  test('is there for the same server and folder only, and for its owner alone', () => {
    begun()
    expect(open().begun).toEqual({ uploadId: 'upload-1', sourcePath: 'upload://upload-1' })
    expect([open('http://b').begun, open('http://a', '/n').begun]).toEqual([undefined, undefined])
    expect(statSync(join(dir, readdirSync(dir)[0] ?? '')).mode & 0o777).toBe(0o600)
  })

  test('holds for a file as it was: another size or time makes it another file', () => {
    const journal = begun()
    journal.noteDigest(weights, 'abc')
    journal.noteSent(weights)
    const later = open()
    expect([later.digestOf(weights), later.wasSent(weights)]).toEqual(['abc', true])
    for (const other of [
      { ...weights, bytes: 101 },
      { ...weights, changed_ms: 6 },
    ])
      expect([later.digestOf(other), later.wasSent(other), later.wasAnnounced(other.path)]).toEqual([
        undefined,
        false,
        true,
      ])
  })

  test('survives a line that was cut off while it was written', () => {
    const journal = begun()
    journal.noteSent(weights)
    appendFileSync(join(dir, readdirSync(dir)[0] ?? ''), '{"path":"b.bin","byt')
    expect(open().wasSent(weights)).toBe(true)
    expect(open().wasSent({ path: 'b.bin', bytes: 1, changed_ms: 1 })).toBe(false)
  })

  test('a new beginning and an end forget it', () => {
    const journal = begun()
    journal.noteDigest(weights, 'abc')
    journal.begin({ id: 'upload-2', source_path: 'upload://upload-2' })
    expect([open().begun?.uploadId, open().digestOf(weights), open().wasAnnounced(weights.path)]).toEqual([
      'upload-2',
      undefined,
      false,
    ])
    journal.forget()
    expect([open().begun, readdirSync(dir)]).toEqual([undefined, []])
  })
})
