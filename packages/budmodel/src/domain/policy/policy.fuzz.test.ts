/** No text makes the policy's parser throw anything but a list of problems, hang, or accept what its schema does not. */
import { BudError } from '@bud/kernel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { addWaiver, removeWaiver } from './add-waiver.ts'
import { defaultPolicyText } from './default-policy.ts'
import { ModelPolicy } from './model-policy.ts'
import { parsePolicy } from './parse-policy.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_107 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 30 }

const filled = addWaiver(defaultPolicyText, {
  name: 'a',
  rule: 'script',
  model: '*',
  reason: 'Seen.',
  expires: '2026-12-31',
})
const piece = fc.oneof(
  fc.constantFrom(
    '- ',
    ': ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '!!map ',
    '"',
    "'",
    '# ',
    '? ',
    '|',
    'null',
    '<<: ',
    '\t',
  ),
  fc.string({ maxLength: 12 }),
)
const damaged = fc
  .array(fc.tuple(fc.nat(filled.length), fc.nat(30), piece), { maxLength: 6 })
  .map((changes) => changes.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), filled))

it('a damaged policy is a policy or a list of problems', TIMEOUT, () => {
  const property = fc.property(fc.oneof(damaged, fc.string({ maxLength: 200 })), (text) => {
    try {
      expect(ModelPolicy.safeParse(parsePolicy(text)).success).toBe(true)
    } catch (error) {
      if (!(error instanceof BudError)) throw error
      expect(error.code).toBe('invalid-input')
      expect(error.reasons.length).toBeGreaterThan(0)
    }
  })
  fc.assert(property, RUNS)
})

it('a waiver of any words goes in as it is and comes out again', TIMEOUT, () => {
  const words = fc.string({ unit: 'grapheme', minLength: 3, maxLength: 60 })
  const property = fc.property(words, words, fc.option(words, { nil: undefined }), (reason, model, path) => {
    const waiver = {
      name: 'new',
      rule: 'script',
      model,
      reason,
      expires: '2026-12-31',
      ...(path === undefined ? {} : { path }),
    }
    const added = addWaiver(filled, waiver)
    expect(parsePolicy(added).waivers.at(-1)).toEqual(waiver)
    expect(removeWaiver(added, 'new')).toBe(filled)
  })
  fc.assert(property, { ...RUNS, numRuns: Math.min(fuzzRuns(), 2000) })
})
