import { BudError } from '@bud/kernel'
import { describe, expect, it, test } from 'vitest'
import { allOf, type Licence } from '../licences/licence.ts'
import { findLicence } from '../licences/well-known-licences.ts'
import { addWaiver, removeWaiver } from './add-waiver.ts'
import { defaultPolicyText } from './default-policy.ts'
import { judgeLicence } from './judge-licence.ts'
import { ModelPolicy } from './model-policy.ts'
import { parsePolicy } from './parse-policy.ts'

const TODAY = '2026-06-01'
const problemsOf = (text: string, today?: string) => {
  try {
    parsePolicy(text, { today })
    return []
  } catch (error) {
    return error instanceof BudError
      ? error.reasons.map(({ path, message, evidence }) => ({ path, message, evidence }))
      : [error]
  }
}
const waiver = {
  name: 'old-tokenizer',
  rule: 'pickle-global',
  model: 'team/ranker',
  sha256: '0'.repeat(64),
  reason: 'Reviewed.',
  expires: '2026-12-31',
}

describe('the policy', () => {
  it('that is written at first start has every default, and says what each key does', () => {
    expect(parsePolicy(defaultPolicyText)).toEqual(ModelPolicy.parse({}))
    for (const key of Object.keys(ModelPolicy.shape)) expect(defaultPolicyText).toMatch(new RegExp(`^${key}:`, 'm'))
  })

  it('lets only permissive licences through in silence, and no non-commercial one into production', () => {
    expect(parsePolicy('')).toMatchObject({
      safetensors_only: false,
      remote_code: 'warn',
      clamd: 'optional',
      licences: {
        production: { permissive: 'allow', conditional: 'warn', 'non-commercial': 'block', unknown: 'warn' },
      },
    })
  })

  it('keeps the defaults of what it leaves out', () => {
    const { licences } = parsePolicy('licences:\n  production:\n    unknown: block\n')
    expect(licences.production).toMatchObject({ unknown: 'block', 'non-commercial': 'block' })
    expect(licences.staging.conditional).toBe('allow')
  })

  it('is refused with every problem at once, each with line and column', () => {
    const text = [
      'safetensor_only: true',
      'clamd: always',
      'rules:',
      '  Pickle Global: warn',
      'licences:',
      '  production:',
      '    noncommercial: allow',
      'waivers:',
      '  - name: A B',
      '    rule: scanner-failed',
      '    model: x',
      '    reason: because',
      '    expires: tomorrow',
    ].join('\n')
    expect(problemsOf(text)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          path: 'safetensor_only',
          evidence: 'line 1, column 1',
          message: expect.stringContaining('Did you mean "safetensors_only"?'),
        }),
        expect.objectContaining({ path: 'clamd', evidence: 'line 2, column 1' }),
        expect.objectContaining({ path: 'rules.Pickle Global', evidence: 'line 4, column 3' }),
        expect.objectContaining({
          path: 'licences.production.noncommercial',
          evidence: 'line 7, column 5',
          message: expect.stringContaining('"non-commercial"'),
        }),
        expect.objectContaining({ path: 'waivers.0.name', evidence: 'line 9, column 5' }),
        expect.objectContaining({ path: 'waivers.0.rule', message: 'nothing can waive this rule.' }),
        expect.objectContaining({ path: 'waivers.0.expires', evidence: 'line 13, column 5' }),
      ]),
    )
  })

  test.each([
    ['not YAML', 'rules: [', 'malformed-yaml'],
    ['a key twice', 'clamd: optional\nclamd: required', 'malformed-yaml'],
    ['a list', '- a\n- b', 'invalid-type'],
    ['too long', `# ${'x'.repeat(200_001)}`, 'too-large'],
    [
      'a bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcd'[at]}`).join(',')}]`).join('\n')}`,
      'malformed-yaml',
    ],
    ['a fixed rule made lax', 'rules:\n  scanner-failed: warn', 'rule-fixed'],
    [
      'a waiver of any file that no scanner reads',
      `waivers:\n  - ${JSON.stringify({ ...waiver, rule: 'format-not-inspected', sha256: undefined })}`,
      'waiver-not-pinned',
    ],
    [
      'a waiver of what scanners block, for any content',
      `waivers:\n  - ${JSON.stringify({ ...waiver, sha256: undefined })}`,
      'waiver-not-pinned',
    ],
    [
      'two waivers of one name',
      `waivers:\n  - ${JSON.stringify(waiver)}\n  - ${JSON.stringify(waiver)}`,
      'waiver-name-taken',
    ],
  ])('is refused when it is %s', (_what, text, code) => {
    try {
      parsePolicy(text)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({
        code: 'invalid-input',
        reasons: expect.arrayContaining([expect.objectContaining({ code })]),
      })
    }
  })

  it('takes waivers of warnings without a content, and says why those of blocks need one', () => {
    const of = (rule: string) => `waivers:\n  - ${JSON.stringify({ ...waiver, rule, sha256: undefined })}`
    expect(problemsOf(of('script'))).toEqual([])
    expect(problemsOf(of('not-safetensors'))).toEqual([])
    expect(problemsOf(of('clamd-signature'))).toMatchObject([
      { path: 'waivers.0', message: expect.stringContaining('may come to mean another') },
    ])
  })

  it('takes waivers of a year at most when they are made, and keeps those it has', () => {
    const text = `waivers:\n  - ${JSON.stringify({ ...waiver, expires: '2027-06-03' })}`
    expect(problemsOf(text, TODAY)).toMatchObject([{ path: 'waivers.0.expires' }])
    expect(problemsOf(text.replace('2027-06-03', '2027-06-02'), TODAY)).toEqual([])
    expect(problemsOf(text)).toEqual([])
  })
})

describe('waivers', () => {
  it('are added with every comment kept, and removed without a trace', () => {
    const added = addWaiver(defaultPolicyText, waiver, { today: TODAY })
    expect(parsePolicy(added).waivers).toEqual([waiver])
    for (const line of defaultPolicyText.split('\n').filter((one) => one.includes('#')))
      expect(added).toContain(line.trim())
    expect(removeWaiver(added, waiver.name)).toBe(defaultPolicyText)
  })

  it('are added to a text that has none of the key, and beside others', () => {
    const once = addWaiver('clamd: required # always\n', waiver)
    const twice = addWaiver(once, { ...waiver, name: 'second', path: 'a.pkl', sha256: 'a'.repeat(64) })
    expect(twice).toMatch(/^clamd: required # always\n/)
    expect(parsePolicy(twice).waivers.map(({ name }) => name)).toEqual(['old-tokenizer', 'second'])
    expect(parsePolicy(removeWaiver(twice, 'old-tokenizer')).waivers.map(({ name }) => name)).toEqual(['second'])
    expect(removeWaiver(twice, 'nobody')).toBe(twice)
    expect(addWaiver('', waiver)).toContain('old-tokenizer')
  })

  it('are refused when the name is taken, when bad, and when they last too long', () => {
    const once = addWaiver(defaultPolicyText, waiver)
    expect(() => addWaiver(once, waiver)).toThrow(/already/)
    expect(() => addWaiver(once, { ...waiver, name: 'b', rule: 'clamd-missing' })).toThrow(/nothing can waive/)
    expect(() => addWaiver(once, { ...waiver, name: 'b', expires: '2028-01-01' }, { today: TODAY })).toThrow(
      /a year ahead/,
    )
  })

  it('keep what they say, whatever characters it has', () => {
    const odd = { ...waiver, reason: 'a: b # c\n"quoted" \u2028 ✓ - [x]', model: '*' }
    expect(parsePolicy(addWaiver(defaultPolicyText, odd)).waivers).toEqual([odd])
  })
})

describe('licences', () => {
  const policy = parsePolicy(defaultPolicyText)
  const of = (id: string): Licence => findLicence(id) ?? expect.unreachable()

  test.each([
    ['Apache-2.0', 'allow', 'allow'],
    ['llama-3.1-community', 'warn', 'allow'],
    ['CC-BY-NC-4.0', 'block', 'warn'],
    ['cc', 'warn', 'allow'],
  ])('%s: %s in production, %s in staging', (id, production, staging) => {
    expect(judgeLicence(of(id), 'production', policy).action).toBe(production)
    expect(judgeLicence(of(id), 'staging', policy).action).toBe(staging)
  })

  it('that nobody states are unknown', () => {
    expect(judgeLicence(null, 'production', policy)).toMatchObject({
      action: 'warn',
      reasons: [{ code: 'licence-warning' }],
    })
  })

  it('show what decided and every condition', () => {
    const { reasons } = judgeLicence(of('CC-BY-NC-4.0'), 'production', policy)
    expect(reasons).toMatchObject([
      { code: 'licence-blocked', evidence: 'licences.production.non-commercial: block' },
      { code: 'licence-attribution' },
      { code: 'licence-no-commercial' },
    ])
  })

  it('may be named one by one; of several that hold at once the strictest counts', () => {
    const named = parsePolicy(
      'licences:\n  ids:\n    llama-3.1-community: allow\n    GEMMA: warn\n    AGPL-3.0-only: block\n',
    )
    const action = (...ids: [string, ...string[]]) => {
      const [first, ...rest] = ids
      return judgeLicence(allOf([of(first), ...rest.map(of)]), 'production', named).action
    }
    expect(action('llama-3.1-community')).toBe('allow')
    expect(action('agpl-3.0')).toBe('block')
    expect(action('llama-3.1-community', 'gemma')).toBe('warn')
    expect(action('llama-3.1-community', 'agpl-3.0')).toBe('block')
    expect(action('llama-3.1-community', 'cc-by-nc-4.0')).toBe('block')
    expect(action('mit', 'gemma')).toBe('warn')
  })
})
