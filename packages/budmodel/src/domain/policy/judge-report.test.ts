import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { finding, type ReportedFinding, type ScannedFile, type Severity, showFindings } from '../scan/scan-report.ts'
import { judgeReport } from './judge-report.ts'
import { ModelPolicy, type Waiver } from './model-policy.ts'

const TODAY = '2026-06-01'
const SCANNERS = [
  { name: 'formats', version: '2' },
  { name: 'clamd', version: '1.4' },
]
const PINNED = 'a'.repeat(64)

const file = (
  path: string,
  format = 'text',
  covered: Record<string, number> = { formats: 10, clamd: 10 },
): ScannedFile => ({
  path,
  format,
  bytes: 10,
  sha256: PINNED,
  scanned: Object.entries(covered).map(([scanner, bytes_covered]) => ({ scanner, bytes_covered })),
})
const found = (rule: string, severity: Severity = 'block', path = 'a.pkl', evidence?: string): ReportedFinding => ({
  ...finding(severity, rule, `${path}: ${rule}.`, { evidence }),
  path,
  scanner: 'formats',
})
const waiverOf = (given: Partial<Waiver> = {}): Waiver => ({
  name: 'w',
  rule: 'pickle-global',
  model: 'ranker',
  sha256: PINNED,
  reason: 'Reviewed.',
  expires: '2026-12-31',
  ...given,
})
const policyOf = (given: Partial<ModelPolicy>): ModelPolicy => ({ ...ModelPolicy.parse({}), ...given })
const judge = (
  facts: { files?: ScannedFile[]; findings?: ReportedFinding[]; scanners?: typeof SCANNERS },
  policy: Partial<ModelPolicy> = {},
  today = TODAY,
) =>
  judgeReport({ files: [file('a.pkl')], findings: [], scanners: SCANNERS, ...facts }, policyOf(policy), {
    model: 'ranker',
    today,
  })

describe('a verdict', () => {
  it('is clean only when every scanner has looked at all of every file and nothing blocks', () => {
    expect(judge({}).verdict).toBe('clean')
    expect(judge({ findings: [found('script', 'warn')] }).verdict).toBe('clean')
    expect(judge({ findings: [found('pickle-global')] }).verdict).toBe('blocked')
  })

  test.each([
    ['no files', { files: [] }],
    ['nobody looked', { scanners: [] }],
    ['one scanner looked at a part', { files: [file('a', 'text', { formats: 10, clamd: 9 })] }],
    ['one scanner says nothing of a file', { files: [file('a', 'text', { formats: 10 })] }],
  ])('is incomplete when %s', (_what, facts) => {
    expect(judge(facts).verdict).toBe('incomplete')
  })

  it('stays blocked when a scan is incomplete too', () => {
    expect(judge({ files: [file('a', 'text', {})], findings: [found('pickle-global')] }).verdict).toBe('blocked')
  })
})

describe('rules', () => {
  it('may be made stricter or laxer', () => {
    const findings = [found('script', 'warn'), found('pickle-global')]
    const { verdict, findings: judged } = judge({ findings }, { rules: { script: 'block', 'pickle-global': 'warn' } })
    expect(verdict).toBe('blocked')
    expect(judged.map(({ rule, action, severity }) => [rule, action, severity])).toEqual([
      ['script', 'block', 'warn'],
      ['pickle-global', 'warn', 'block'],
    ])
  })

  it('that are fixed stay as they are', () => {
    const rules = { 'changed-in-store': 'warn' } as const
    expect(judge({ findings: [found('changed-in-store')] }, { rules }).verdict).toBe('blocked')
  })

  test.each([
    ['block', 'blocked', 'block'],
    ['warn', 'clean', 'warn'],
    ['allow', 'clean', 'info'],
  ] as const)('remote code: %s', (remote_code, verdict, action) => {
    const findings = [
      found('custom-code', 'warn', 'config.json', '{"AutoModel":"modeling_x.XModel"}'),
      found('script', 'warn', 'modeling_x.py'),
      found('script', 'warn', 'train.py'),
    ]
    const judged = judge({ findings }, { remote_code })
    const actions = Object.fromEntries(judged.findings.map(({ path, action }) => [path, action]))
    expect([judged.verdict, actions]).toEqual([
      verdict,
      { 'config.json': action, 'modeling_x.py': action, 'train.py': 'warn' },
    ])
  })

  test.each([
    ['pytorch_model.bin', 'pickle'],
    ['model.pt', 'torch'],
    ['model.gguf', 'gguf'],
    ['model.h5', 'hdf5'],
    ['model.onnx', 'onnx'],
    ['weights.npz', 'numpy'],
    ['flax_model.msgpack', 'binary'],
    ['innocent.txt', 'pickle'],
  ])('in safetensors-only mode block %s (%s)', (path, format) => {
    const files = [file('model.safetensors', 'safetensors'), file('config.json', 'config'), file(path, format)]
    const { verdict, findings } = judge({ files }, { safetensors_only: true })
    expect([verdict, findings.map((one) => [one.path, one.rule, one.scanner])]).toEqual([
      'blocked',
      [[path, 'not-safetensors', 'policy']],
    ])
    expect(judge({ files }).verdict).toBe('clean')
  })

  it('that require ClamAV make everything incomplete that it has not looked at', () => {
    const withoutIt = judge({ scanners: SCANNERS.slice(0, 1) }, { clamd: 'required' })
    expect(withoutIt).toMatchObject({ verdict: 'incomplete', findings: [{ rule: 'clamd-missing' }] })
    const partly = judge({ files: [file('a', 'text', { formats: 10, clamd: 4 })] }, { clamd: 'required' })
    expect(partly).toMatchObject({ verdict: 'incomplete', findings: [{ path: 'a', rule: 'clamd-missing' }] })
    expect(judge({}, { clamd: 'required' }).verdict).toBe('clean')
  })
})

describe('waivers', () => {
  const findings = [found('pickle-global')]

  test.each([
    ['this model', {}, 'clean'],
    ['any model', { model: '*' }, 'clean'],
    ['another model', { model: 'other' }, 'blocked'],
    ['another rule', { rule: 'pickle-nested' }, 'blocked'],
    ['this file', { path: 'a.pkl' }, 'clean'],
    ['another file', { path: 'b.pkl' }, 'blocked'],
    ['this content', { sha256: PINNED }, 'clean'],
    ['other content', { sha256: 'b'.repeat(64) }, 'blocked'],
    ['any content of a name', { sha256: undefined }, 'blocked'],
    ['more than a year', { expires: '2027-06-03' }, 'blocked'],
    ['a year', { expires: '2027-06-02' }, 'clean'],
    ['until yesterday', { expires: '2026-05-31' }, 'blocked'],
    ['until today', { expires: TODAY }, 'clean'],
  ] as const)('for %s', (_what, given, verdict) => {
    expect(judge({ findings }, { waivers: [waiverOf(given)] }).verdict).toBe(verdict)
  })

  it('of warnings, and of what only the policy blocks, need no content', () => {
    const open = (rule: string) => ({ waivers: [waiverOf({ rule, sha256: undefined })] })
    const script = { findings: [found('script', 'warn')] }
    expect(judge(script, { rules: { script: 'block' } }).verdict).toBe('blocked')
    expect(judge(script, { rules: { script: 'block' }, ...open('script') }).verdict).toBe('clean')
    const weights = { files: [file('a.bin', 'pickle')] }
    expect(judge(weights, { safetensors_only: true, ...open('not-safetensors') }).verdict).toBe('clean')
  })

  it('are named beside what they let through, and told of before they end', () => {
    expect(judge({ findings }, { waivers: [waiverOf({ expires: '2026-06-10' })] })).toMatchObject({
      waived: 1,
      findings: [{ action: 'waived', waiver: 'w', severity: 'block' }],
      expiring: [{ name: 'w', expires: '2026-06-10', days_left: 9 }],
    })
    expect(judge({ findings }, { waivers: [waiverOf()] }).expiring).toEqual([])
    expect(judge({}, { waivers: [waiverOf({ expires: '2026-06-10' })] }).expiring).toEqual([])
  })

  describe('of a format that no scanner reads', () => {
    const unread = [found('format-not-inspected', 'warn')]
    const files = [file('a.pkl', 'GGML', { formats: 0, clamd: 10 })]
    const waivers = [waiverOf({ rule: 'format-not-inspected', sha256: PINNED })]

    it('accept that scanner’s missing bytes of this file', () => {
      expect(judge({ files, findings: unread }).verdict).toBe('incomplete')
      expect(judge({ files, findings: unread }, { waivers })).toMatchObject({ verdict: 'clean', incomplete: [] })
    })

    it('accept no other file’s, and none of another scanner', () => {
      const two = [...files, file('b.bin', 'GGML', { formats: 0, clamd: 10 })]
      expect(judge({ files: two, findings: unread }, { waivers })).toMatchObject({
        verdict: 'incomplete',
        incomplete: ['b.bin'],
      })
      const unseen = [file('a.pkl', 'GGML', { formats: 0, clamd: 0 })]
      expect(judge({ files: unseen, findings: unread }, { waivers }).verdict).toBe('incomplete')
    })

    it('accept nothing of a scanner that failed', () => {
      const failed = [...unread, found('scanner-failed', 'warn')]
      const both = [...waivers, waiverOf({ name: 'x', rule: 'scanner-failed' })]
      expect(judge({ files, findings: failed }, { waivers: both }).verdict).toBe('incomplete')
    })
  })
})

describe('many findings', () => {
  const many = (count: number, rule: string, severity: Severity = 'warn') =>
    Array.from({ length: count }, (_, i) => found(rule, severity, `a${i}`))

  it('hide none that the policy blocks', () => {
    const findings = [...many(3000, 'secret-in-file'), found('script', 'warn', 'z.py')]
    const judged = judge({ findings }, { rules: { script: 'block' } })
    expect([judged.verdict, judged.findings.length]).toEqual(['blocked', 3001])
    expect(showFindings(judged.findings)).toMatchObject([
      { path: 'z.py' },
      ...Array(999).fill({ action: 'warn' }),
      { message: '2001 more findings are not listed.' },
    ])
  })

  it('that are waived hide none that is not', () => {
    const findings = [...many(1500, 'pickle-global', 'block'), found('zip-slip', 'block', 'z.pt')]
    const files = findings.map(({ path }) => file(path))
    const judged = judge({ findings, files }, { waivers: [waiverOf()] })
    expect([judged.verdict, judged.waived]).toEqual(['blocked', 1500])
    expect(showFindings(judged.findings)[0]).toMatchObject({ path: 'z.pt', action: 'block' })
  })

  it('of which some are not listed are never clean', () => {
    expect(judge({ findings: [found('more-findings', 'info')] }).verdict).toBe('incomplete')
  })

  it('of the policy itself are judged each and kept as far as anybody reads', () => {
    const files = Array.from({ length: 3000 }, (_, i) => file(`${i}.bin`, 'pickle', { formats: 10 }))
    const last = waiverOf({ rule: 'not-safetensors', sha256: undefined })
    const policy = { safetensors_only: true, waivers: [{ ...last, path: '5.bin' }] }
    const judged = judge({ files }, policy)
    expect([judged.verdict, judged.waived, judged.findings.length, judged.incomplete.length]).toEqual([
      'blocked',
      1,
      1001,
      3000,
    ])
    expect(judged.findings.at(-1)).toMatchObject({ rule: 'more-findings', scanner: 'policy' })
  })

  it('of as many files as a version may have are judged in a moment', () => {
    const files = Array.from({ length: 100_000 }, (_, i) => file(`${i}.bin`, 'pickle', { formats: 0, clamd: 10 }))
    const findings = files.slice(0, 20_000).map(({ path }) => found('format-not-inspected', 'warn', path))
    const scripts = files.slice(0, 2000).map(({ path }) => found('script', 'warn', path))
    const asks = files.slice(0, 2000).map(({ path }) => found('custom-code', 'warn', path, path.repeat(30)))
    const started = performance.now()
    expect(judge({ files, findings: [...findings, ...scripts, ...asks] }, { safetensors_only: true }).verdict).toBe(
      'blocked',
    )
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

it('whatever the policy, clean means that every byte was looked at or accepted by name', {
  timeout: 60_000 + fuzzRuns() * 10,
}, () => {
  const rule = fc.constantFrom('pickle-global', 'script', 'scanner-failed', 'format-not-inspected', 'custom-code')
  const finds = fc.record({
    rule,
    severity: fc.constantFrom<Severity>('block', 'warn', 'info'),
    path: fc.constantFrom('a', 'b'),
  })
  const facts = fc.record({
    files: fc.array(
      fc.record({
        path: fc.constantFrom('a', 'b'),
        formats: fc.integer({ min: 0, max: 10 }),
        clamd: fc.integer({ min: 0, max: 10 }),
      }),
      { maxLength: 2 },
    ),
    findings: fc.array(finds, { maxLength: 5 }),
  })
  const policy = fc.record({
    safetensors_only: fc.boolean(),
    remote_code: fc.constantFrom('block', 'warn', 'allow'),
    clamd: fc.constantFrom('required', 'optional'),
    rules: fc.dictionary(rule, fc.constantFrom('block', 'warn'), { maxKeys: 3 }),
    waivers: fc.array(fc.record({ rule, path: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }) }), {
      maxLength: 3,
    }),
  })
  const property = fc.property(facts, policy, ({ files, findings }, given) => {
    const waivers = given.waivers.map((one, at) => waiverOf({ ...one, name: `w${at}` }))
    const judged = judge(
      {
        files: files.map(({ path, formats, clamd }) => file(path, 'text', { formats, clamd })),
        findings: findings.map(({ rule, severity, path }) => found(rule, severity, path)),
      },
      { ...given, waivers } as ModelPolicy,
    )
    if (judged.verdict !== 'clean') return
    expect(files.length).toBeGreaterThan(0)
    for (const { path, formats, clamd } of files) {
      expect(clamd).toBe(10)
      const accepted = waivers.some((one) => one.rule === 'format-not-inspected' && (one.path ?? path) === path)
      const failed = findings.some((one) => one.rule === 'scanner-failed' && one.path === path)
      if (formats < 10) expect([accepted, failed]).toEqual([true, false])
    }
    expect(judged.findings.filter(({ action }) => action === 'block')).toEqual([])
  })
  fc.assert(property, { numRuns: fuzzRuns(), seed: 20_260_106 })
})
