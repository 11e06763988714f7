import { expect, test } from 'vitest'
import { answeredProblems, lineRange, syntaxProblems } from './problems.ts'

const text = ['scan:', '  require_clamd: true', '  rules:', '    - id: x', '      action: explode', ''].join('\n')
const refused = (...reasons: object[]) => ({ status: 422, message: 'The policy has problems.', data: { reasons } })

test('text that is no YAML is found before it is sent, at its line', () => {
  expect(syntaxProblems('scan:\n  a: [1, 2\n').at(0)?.line).toBeGreaterThan(1)
  expect(syntaxProblems(text)).toEqual([])
})

test('what the server objects to stands at the line its path leads to', () => {
  const problems = answeredProblems(
    text,
    refused(
      { code: 'x', path: 'scan.rules.0.action', message: 'must be block, warn or info' },
      { code: 'x', path: 'scan.nothing_here', message: 'is not known', next_step: 'Remove it.' },
    ),
  )
  expect(problems).toEqual([
    { line: 2, message: 'scan.nothing_here: is not known', nextStep: 'Remove it.' },
    { line: 5, message: 'scan.rules.0.action: must be block, warn or info', nextStep: undefined },
  ])
})

test('a line that the server names itself is taken as it is', () => {
  expect(
    answeredProblems(text, refused({ code: 'x', message: 'A list is wanted.', evidence: 'line 3, column 5' }))[0]?.line,
  ).toBe(3)
})

test('a refusal without reasons is shown without a line', () => {
  expect(answeredProblems(text, { status: 500, message: 'The disk is full.' })).toEqual([
    { line: undefined, message: 'The disk is full.', nextStep: undefined },
  ])
})

test('a line is found in the text', () => {
  expect(text.slice(lineRange(text, 2).start, lineRange(text, 2).end)).toBe('  require_clamd: true')
})
