/** No text, card or expression makes the recognition of licences throw, hang, or say more than one sentence can hold. */
import fc from 'fast-check'
import spdxTexts from 'spdx-license-list/full.js'
import { expect, it } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { detectLicence } from './detect-licence.ts'
import { parseLicenceExpression } from './licence-expression.ts'
import { recogniseLicence } from './text-licence.ts'
import { wellKnownLicences } from './well-known-licences.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_105 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }

const sound = ['MIT', 'Apache-2.0', 'GPL-3.0-only', 'CC-BY-NC-4.0'].map((id) => spdxTexts[id]?.licenseText ?? '')
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 400 }))
const damaged = fc
  .tuple(fc.constantFrom(...sound), fc.array(fc.tuple(fc.nat(), anyText), { maxLength: 5 }), fc.nat())
  .map(([text, insertions, cut]) => {
    let result = text.slice(0, cut % (text.length + 1))
    for (const [at, inserted] of insertions) {
      const where = at % (result.length + 1)
      result = result.slice(0, where) + inserted + result.slice(where)
    }
    return result
  })
const name = fc.oneof(fc.constantFrom(...wellKnownLicences.map(({ id }) => id), 'other', 'unknown'), anyText)
const words = fc.array(
  fc.constantFrom('MIT', 'GPL-2.0', 'AND', 'OR', 'WITH', '(', ')', '+', 'LicenseRef-x', '-', ' '),
  {
    maxLength: 60,
  },
)

it('survives texts cut, mixed and made up', TIMEOUT, () => {
  const property = fc.property(fc.oneof(damaged, anyText), (text) => {
    const read = recogniseLicence('LICENSE', text)
    expect(read.evidence.length).toBeLessThan(500)
  })
  fc.assert(property, RUNS)
})

it('survives cards of any words, and never finds a licence laxer than the card’s strictest', TIMEOUT, () => {
  const card = fc.record({
    license: fc.array(name, { maxLength: 4 }),
    license_name: fc.option(name),
    license_link: fc.option(name),
  })
  const property = fc.property(card, fc.option(name), damaged, (fields, claimed, text) => {
    const found = detectLicence({ card: fields, files: [{ path: 'LICENSE', text }], gguf: null, claimed })
    const strict = fields.license.some((id) => id === 'CC-BY-NC-4.0')
    if (strict) expect(found.licence?.licence.class).toBe('non-commercial')
    for (const { message } of found.conflicts) expect(message.length).toBeLessThan(6000)
  })
  fc.assert(property, RUNS)
})

it('survives expressions of any order', TIMEOUT, () => {
  const property = fc.property(
    fc.oneof(
      words.map((all) => all.join(' ')),
      anyText,
    ),
    (text) => {
      const licence = parseLicenceExpression(text)
      if (licence) expect(licence.id.length).toBeGreaterThan(0)
    },
  )
  fc.assert(property, RUNS)
})

it('takes texts of megabytes in a moment', () => {
  for (const text of [
    'a '.repeat(4_000_000),
    'a'.repeat(8_000_000),
    'license '.repeat(1_000_000),
    '\n'.repeat(8_000_000),
  ]) {
    const started = performance.now()
    recogniseLicence('LICENSE', text)
    expect(performance.now() - started).toBeLessThan(2000)
  }
})
