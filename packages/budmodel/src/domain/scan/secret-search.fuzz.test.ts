/** Whatever a file holds and however it is cut, the search for credentials ends, finds the same, and shows none. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { SECRET_RULES } from './secret-rules.ts'
import { SecretSearch } from './secret-search.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_105 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 40 }

function search(content: Uint8Array, cuts: readonly number[]) {
  const watch = new SecretSearch('a.txt')
  const places = [0, ...cuts.map((cut) => Math.floor(cut * content.length)).toSorted((a, b) => a - b), content.length]
  for (const [i, from] of places.entries()) watch.push(content.subarray(from, places[i + 1] ?? from))
  const findings = watch.end()
  expect(watch.bytesSeen).toBe(content.length)
  return findings
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 })
const anchors = SECRET_RULES.flatMap((rule) => rule.anchors)
const pieces = fc.oneof(
  fc.constantFrom(...anchors, 'PRIVATE KEY-----\n', '@host.example', ':', '/', '"', '\n', ' ', '\0', '?'),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,100}$/),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const texts = fc.array(pieces, { maxLength: 30 }).map((parts) => Buffer.from(parts.join('')))

describe('searching for credentials', () => {
  it('finds the same wherever the chunks are cut', TIMEOUT, () => {
    const content = fc
      .tuple(texts, fc.nat(40))
      .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part)))
    const property = fc.property(content, cuts, (bytes, places) => {
      expect(search(bytes, places)).toEqual(search(bytes, []))
    })
    fc.assert(property, RUNS)
  })

  it('finds a token anywhere in text, at its place, and shows no more than six characters of it', TIMEOUT, () => {
    const token = fc
      .tuple(fc.constantFrom('hf_', 'ghp_', 'npm_'), fc.stringMatching(/^[a-z]{4}[A-Z]{4}[0-9]{4}[a-zA-Z0-9]{24}$/))
      .map(([start, rest]) => start + rest.slice(0, start === 'hf_' ? 34 : 36))
      .filter(
        (text) => !/example|placeholder|your|change|dummy|secret|pass|token|xxxx|123|abcdef|user|test/i.test(text),
      )
      .filter((text) => new Set(text.slice(4)).size >= 13)
    const filler = fc
      .array(fc.constantFrom('lorem ', 'ipsum\n', '{"a": 1} ', '\n\n'), { maxLength: 3000 })
      .map((parts) => parts.join(''))
    const property = fc.property(token, filler, filler, cuts, (secret, before, after, places) => {
      const findings = search(Buffer.from(`${before} ${secret} ${after}`), places)
      expect(findings.map(({ offset }) => offset)).toEqual([before.length + 1])
      for (const { message, evidence } of findings)
        for (let at = 0; at + 7 <= secret.length; at++)
          expect(`${message} ${evidence}`).not.toContain(secret.slice(at, at + 7))
    })
    fc.assert(property, RUNS)
  })
})
