import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseClamdReply } from './clamd-reply.ts'

it('takes only the exact OK for clean', () => {
  expect(parseClamdReply('stream: OK')).toEqual({ kind: 'clean' })
  for (const reply of [
    '',
    'OK',
    'stream: O',
    'stream: OK ',
    'stream:OK',
    'STREAM: OK',
    'x\nstream: OK',
    'stream: OK\nERROR',
  ]) {
    expect(parseClamdReply(reply), reply).toMatchObject({ kind: 'not-looked-at', cause: 'unavailable' })
  }
})

it('names what was found, without the hash that clamd may add', () => {
  for (const reply of [
    'stream: Win.Test.EICAR_HDB-1 FOUND',
    `stream: Win.Test.EICAR_HDB-1(${'a'.repeat(32)}:68) FOUND`,
  ]) {
    expect(parseClamdReply(reply)).toEqual({ kind: 'found', signature: 'Win.Test.EICAR_HDB-1' })
  }
})

it('does not take an alert about skipped bytes for a signature, nor for clean', () => {
  for (const name of ['Limits.Exceeded.MaxFileSize', 'Limits.Exceeded', 'Encrypted.Zip', 'Encrypted.PDF']) {
    const answer = parseClamdReply(`stream: Heuristics.${name} FOUND`)
    expect(answer).toMatchObject({ kind: 'not-looked-at', cause: 'limit', reason: expect.stringContaining(name) })
  }
  expect(parseClamdReply('stream: Heuristics.Phishing.Email FOUND')).toMatchObject({ kind: 'found' })
  expect(parseClamdReply('INSTREAM size limit exceeded. ERROR')).toMatchObject({
    kind: 'not-looked-at',
    cause: 'limit',
  })
})

it('answers to any text, and quotes of it what a report can hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const answer = parseClamdReply(text)
      const shown = answer.kind === 'found' ? answer.signature : answer.kind === 'clean' ? '' : answer.reason
      expect(shown).toMatch(/^[\x20-\x7e]{0,230}$/)
      expect(answer.kind === 'clean').toBe(text === 'stream: OK')
    }),
  )
})
