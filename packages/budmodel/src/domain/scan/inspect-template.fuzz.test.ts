/** No template makes its inspection throw or hang, and no way of putting a name together hides it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanTemplates } from '../../testing/corpus/clean-templates.ts'
import { templateCases } from '../../testing/corpus/templates.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { findTemplateProblems } from './inspect-template.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_103 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 40 }

const sound = Object.values(cleanTemplates)
const attacks = templateCases.flatMap(({ files }) =>
  Object.entries(files).flatMap(([path, content]) =>
    path.endsWith('.jinja') ? [Buffer.from(content).toString()] : [],
  ),
)
const PIECES = [
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '{%- raw %}',
    '{% endraw %}',
    '-',
    '+',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '|',
    '~',
  ],
  ...['if', 'else', 'elif', 'endif', 'for', 'in', 'endfor', 'set', 'endset', 'macro', 'endmacro', 'call', 'endcall'],
  ...['is', 'not', 'defined', 'and', 'or', 'x', 'y', 'messages', 'loop', 'namespace', 'range', 'caller', '.', ',', ':'],
  ...[
    "'a'",
    '"__"',
    "'%s'",
    '**',
    '*',
    '//',
    '==',
    '9',
    '1e9',
    '0x1f',
    "'",
    '"',
    '\\',
    '\n',
    ' ',
    '_',
    'é',
    '\u{1f600}',
  ],
]

function holds(template: string): void {
  const problems = findTemplateProblems(template)
  expect(problems.length).toBeLessThanOrEqual(51)
  for (const { message, offset } of problems) {
    expect(message.length).toBeGreaterThan(10)
    expect(offset ?? 0).toBeLessThanOrEqual(template.length)
  }
}

const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 80 }).map((pieces) => pieces.join(''))
const tag = soup.map((inner) => `{{ ${inner} }}`)
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const damaged = fc
  .tuple(fc.constantFrom(...sound, ...attacks), fc.array(fc.tuple(place, fc.nat(30), soup), { maxLength: 3 }))
  .map(([template, changes]) => {
    let text = template
    for (const [at, length, instead] of changes) {
      const from = Math.floor(at * text.length)
      text = text.slice(0, from) + instead + text.slice(from + length)
    }
    return text
  })

/** An expression whose value is `text`, put together in one of many ways. */
function spelled(text: string): fc.Arbitrary<string> {
  const quoted = (part: string) => `'${part}'`
  const cutAt = fc.integer({ min: 1, max: text.length - 1 })
  const escaped = [...text].map((char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
  return fc.oneof(
    fc.constant(quoted(text)),
    fc.constant(quoted(escaped)),
    cutAt.map((at) => `${quoted(text.slice(0, at))} ~ ${quoted(text.slice(at))}`),
    cutAt.map((at) => `(${quoted(text.slice(0, at))} + ${quoted(text.slice(at))})`),
    cutAt.map((at) => `${quoted(text.slice(0, at))} ${quoted(text.slice(at))}`),
    cutAt.map((at) => `[${quoted(text.slice(0, at))}, ${quoted(text.slice(at))}]|join`),
    cutAt.map((at) => `''.join([${quoted(text.slice(0, at))}, ${quoted(text.slice(at))}])`),
    cutAt.map((at) => `'%s%s' % (${quoted(text.slice(0, at))}, ${quoted(text.slice(at))})`),
    cutAt.map((at) => `'%s%s'|format(${quoted(text.slice(0, at))}, ${quoted(text.slice(at))})`),
    fc.constant(`${quoted([...text].reverse().join(''))}|reverse`),
    fc.constant(`${quoted([...text].reverse().join(''))}[::-1]`),
    fc.constant(`${quoted(text.toUpperCase())}|lower`),
    fc.constant(`${quoted(text.toUpperCase())}.lower()`),
    fc.constant(`${quoted(text.replaceAll('_', '-'))}.replace('-', '_')`),
    fc.constant(`${quoted(text.replaceAll('_', '-'))}|replace('-', '_')`),
    fc.constant(`${quoted([...text].join('!'))}[::2]`),
    fc.constant(`${quoted(` ${text} `)}|trim`),
    fc.constant(`${quoted(`${text},x`)}.split(',')[0]`),
    fc.constant(`(none or ${quoted(text)})`),
    fc.constant(`(${quoted(text)} if messages else 'role')`),
    fc.constant(`{'a': ${quoted(text)}}['a']`),
    fc.constant(`{'a': ${quoted(text)}}.get('a')`),
    fc.constant(`[${quoted(text)}]|first`),
    fc.constant(`namespace(a=${quoted(text)}).a`),
  )
}
/** Ways for a value to arrive somewhere else in the template. */
const carried = (expression: string): fc.Arbitrary<[before: string, name: string, after: string]> =>
  fc.constantFrom(
    ['', `(${expression})`, ''],
    [`{% set q = ${expression} %}`, 'q', ''],
    [`{% set q = ${expression} %}{% set r = q %}`, 'r', ''],
    [`{% set ns = namespace(q='') %}{% set ns.q = ${expression} %}`, 'ns.q', ''],
    [`{% for q in [${expression}] %}`, 'q', '{% endfor %}'],
    [`{% for k, q in {'a': ${expression}}.items() %}`, 'q', '{% endfor %}'],
    [`{% with q = ${expression} %}`, 'q', '{% endwith %}'],
    [`{% set q = [${expression}] %}`, 'q[0]', ''],
    [`{% macro m(q) %}`, `q`, `{% endmacro %}{{ m(${expression}) }}`],
    [`{% macro m(q=${expression}) %}`, `q`, `{% endmacro %}{{ m() }}`],
  )
const used = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    `{{ ()[${name}] }}`,
    `{{ messages[${name}] }}`,
    `{{ ''|attr(${name}) }}`,
    `{{ [()]|map(attribute=${name})|list }}`,
    `{{ [()]|map('attr', ${name})|list }}`,
    `{{ messages|selectattr(${name})|list }}`,
    `{{ messages|sort(attribute=${name}) }}`,
    `{% if messages[0][${name}] %}x{% endif %}`,
    `{% for z in messages[${name}] %}{% endfor %}`,
    `{% set z = messages[${name}] %}`,
  )
const hiddenName = fc
  .constantFrom('__class__', '__globals__', '__init__', '_module', '__mro__')
  .chain((text) => spelled(text))
  .chain((expression) => carried(expression))
  .chain(([before, name, after]) => used(name).map((use) => `${before}${use}${after}`))

describe('inspecting chat templates', () => {
  const inputs: [string, fc.Arbitrary<string>][] = [
    ['any text', fc.string({ unit: 'binary', maxLength: 300 })],
    ['tokens in any order', soup],
    ['expressions in any order', fc.array(tag, { maxLength: 4 }).map((tags) => tags.join('x'))],
    ['damaged templates', damaged],
  ]
  for (const [what, template] of inputs)
    it(`survives ${what}`, TIMEOUT, () => fc.assert(fc.property(template, holds), RUNS))

  it('blocks every hidden name, whatever stands around it', TIMEOUT, () => {
    const property = fc.property(fc.constantFrom('', ...sound), hiddenName, (template, attack) => {
      const rules = findTemplateProblems(`${template}${attack}`).flatMap(({ severity, rule }) =>
        severity === 'block' ? [rule] : [],
      )
      expect(rules.length, attack).toBeGreaterThan(0)
    })
    fc.assert(property, RUNS)
  })

  it('is done in a moment with what is built to take long', TIMEOUT, () => {
    const started = performance.now()
    for (const part of [
      '{{ ',
      '{% if x %}',
      '{{ (',
      "{{ '",
      '{{ a.',
      '{{ a~',
      '{{ a|b',
      '{# ',
      '{{ [',
      '{{ not ',
      '{{ - ',
    ])
      holds(part.repeat(Math.floor(900_000 / part.length)))
    for (const part of ['(', '[', 'a~', 'a|e|', 'a.', 'a[', 'not ', '-', 'a if b else ', '"x" ', 'a is ', 'a,'])
      holds(`{{ ${part.repeat(Math.floor(500_000 / part.length))} }}`)
    const growing = Array.from({ length: 400 }, (_, i) => `{% set v${i + 1} = v${i} ~ v${i} ~ 'ab' %}`).join('')
    holds(`{% set v0 = 'x' %}${growing}{{ messages[v400] }}`)
    holds(`{% set l = [] %}${"{% set l = [l, l, 'a', 'b'] %}".repeat(2000)}{{ messages[l] }}`)
    expect(performance.now() - started).toBeLessThan(30_000)
  })
})
