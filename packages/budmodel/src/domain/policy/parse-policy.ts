/** model-policy.yaml → the policy, or every problem in it with its place. */
import { invalidInput, type Reason } from '@bud/kernel'
import { type Document, isMap, isNode, isPair, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { z } from 'zod'
import { BLOCKING_RULES } from './blocking-rules.ts'
import { closestName } from './closest-name.ts'
import { FIXED_RULES, MAX_WAIVER_DAYS, ModelPolicy, type Waiver } from './model-policy.ts'

const MAX_CHARACTERS = 200_000
const MAX_ALIASES = 20
const MAX_SYNTAX_ERRORS = 20
const DAY_MS = 24 * 60 * 60 * 1000

type Path = readonly PropertyKey[]

export interface PolicyDate {
  /** YYYY-MM-DD. With it, waivers that end more than a year ahead are refused too. */
  today?: string | undefined
}

/** Throws invalid-input whose reasons hold every problem, each with its path and, in `evidence`, line and column. */
export function parsePolicy(text: string, { today }: PolicyDate = {}): ModelPolicy {
  if (text.length > MAX_CHARACTERS)
    throw refused([problem('too-large', `It is longer than ${MAX_CHARACTERS} characters.`)])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  if (document.errors.length > 0) {
    const first = document.errors.slice(0, MAX_SYNTAX_ERRORS)
    throw refused(first.map(({ message, pos }) => problem('malformed-yaml', `${message}.`, [], lines.linePos(pos[0]))))
  }
  const value = plainValue(document)
  const placeOf = (path: Path) => placeIn(document, lines, path)
  const parsed = ModelPolicy.safeParse(value ?? {})
  const reasons = (parsed.error?.issues ?? []).flatMap((issue) => issueReasons(issue, placeOf))
  if (!parsed.success) throw refused(reasons)
  const further = [...waiverProblems(parsed.data, today), ...ruleProblems(parsed.data)]
  if (further.length > 0)
    throw refused(further.map((one) => problem(one.code, one.message, one.path, placeOf(one.path))))
  return parsed.data
}

/** Anchors may repeat a value a few times; a bomb of them is refused. */
function plainValue(document: Document.Parsed<ParsedNode>): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch {
    throw refused([problem('malformed-yaml', `It repeats values by aliases more than ${MAX_ALIASES} times.`)])
  }
}

interface Problem {
  code: string
  message: string
  path: Path
}

function waiverProblems({ waivers }: ModelPolicy, today: string | undefined): Problem[] {
  const last = today === undefined ? undefined : Date.parse(today) + MAX_WAIVER_DAYS * DAY_MS
  return waivers.flatMap((waiver, at): Problem[] => {
    const problems: Problem[] = []
    if (waivers.findIndex(({ name }) => name === waiver.name) < at) {
      const message = `There are two waivers called "${waiver.name}".`
      problems.push({ code: 'waiver-name-taken', message, path: ['waivers', at, 'name'] })
    }
    if (last !== undefined && Date.parse(waiver.expires) > last) {
      const message = `Waiver "${waiver.name}" ends on ${waiver.expires}; a year ahead of today is the most.`
      problems.push({ code: 'waiver-too-long', message, path: ['waivers', at, 'expires'] })
    }
    const unpinned = waiver.sha256 === undefined ? reasonToPin(waiver) : undefined
    if (unpinned) problems.push({ code: 'waiver-not-pinned', message: unpinned, path: ['waivers', at] })
    return problems
  })
}

function reasonToPin({ name, rule }: Waiver): string | undefined {
  if (rule === 'format-not-inspected')
    return `Waiver "${name}" accepts a file that no scanner reads, so it has to give that file’s sha256.`
  if (BLOCKING_RULES.has(rule))
    return `Waiver "${name}" lets through what ${rule} blocks, so it has to give the file’s sha256: a model’s name may come to mean another model, and a path another file.`
  return undefined
}

const ruleProblems = ({ rules }: ModelPolicy): Problem[] =>
  Object.keys(rules)
    .filter((rule) => FIXED_RULES.includes(rule))
    .map((rule) => ({ code: 'rule-fixed', message: `The rule "${rule}" cannot be changed.`, path: ['rules', rule] }))

interface Place {
  line: number
  col: number
}

function issueReasons(issue: z.core.$ZodIssue, placeOf: (path: Path) => Place | undefined): Reason[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path)
    return issue.keys.map((key) => {
      const near = closestName(key, known)
      const offer = near ? ` Did you mean "${near}"?` : ` Known are ${known.join(', ')}.`
      const path = [...issue.path, key]
      return problem('unknown-key', `There is no setting "${key}".${offer}`, path, placeOf(path))
    })
  }
  const [inner] = issue.code === 'invalid_key' ? issue.issues : []
  const message = inner?.message ?? issue.message
  return [problem(issue.code.replaceAll('_', '-'), `${message.replace(/\.$/, '')}.`, issue.path, placeOf(issue.path))]
}

/** The keys that the schema has at a path of the document. */
function keysAt(path: Path): string[] {
  let schema: unknown = ModelPolicy
  for (const key of path) {
    const inner = withoutDefault(schema)
    schema =
      inner instanceof z.ZodObject ? inner.shape[String(key)] : inner instanceof z.ZodArray ? inner.element : undefined
  }
  const found = withoutDefault(schema)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

function withoutDefault(schema: unknown): unknown {
  const wrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
  return wrapped ? withoutDefault(schema.unwrap()) : schema
}

/** Of the key where there is one, else of the value, else of what surrounds it. */
function placeIn(document: Document.Parsed<ParsedNode>, lines: LineCounter, path: Path): Place | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    const pair = isMap(parent)
      ? parent.items.find((one) => isPair(one) && isNode(one.key) && String(one.key) === String(key))
      : undefined
    const node = pair && isNode(pair.key) ? pair.key : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0])
  }
  const root = document.contents
  return isNode(root) && root.range ? lines.linePos(root.range[0]) : undefined
}

const problem = (code: string, message: string, path: Path = [], place?: Place): Reason => ({
  code,
  message,
  ...(path.length > 0 ? { path: path.map(String).join('.') } : {}),
  ...(place ? { evidence: `line ${place.line}, column ${place.col}` } : {}),
  next_step: 'Correct it in the policy and save again.',
})

function refused(reasons: Reason[]): Error {
  const told = reasons.map(
    ({ path, message, evidence }) => `${path ? `${path}: ` : ''}${message}${evidence ? ` (${evidence})` : ''}`,
  )
  return invalidInput(
    `The policy has ${reasons.length} problem${reasons.length === 1 ? '' : 's'}: ${told.join(' · ')}`,
    reasons,
  )
}
