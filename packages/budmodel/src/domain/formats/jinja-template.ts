/** Parses a whole Jinja template into nested statements. Source: jinja2/parser.py. */
import { ExpressionParser } from './jinja-expressions.ts'
import type { Parameter, Statement, Target } from './jinja-syntax.ts'
import { BrokenTemplate, readSegments, type Segment } from './jinja-tokens.ts'

const MAX_NESTING = 100
const FILE_STATEMENTS = new Set(['import', 'include', 'extends', 'from'])
/** Without a body, without meaning here. */
const SINGLE = new Set(['break', 'continue'])

interface Open {
  end: string
  body: Statement[]
  /** Conditions of the `if` that is open: `elif` adds to them. */
  conditions: (Statement & { kind: 'if' }) | undefined
  mayElse: boolean
}

/** Throws BrokenTemplate where Jinja would refuse it too, or where it is nested beyond reason. */
export function parseTemplate(template: string): Statement[] {
  const root: Statement[] = []
  const open: Open[] = [{ end: '', body: root, conditions: undefined, mayElse: false }]
  for (const segment of readSegments(template)) {
    const inner = open.at(-1)
    if (!inner) throw new BrokenTemplate('a block is closed twice', segment.at)
    const started = addSegment(segment, inner)
    if (started === 'closed') open.pop()
    else if (started) open.push(started)
    if (open.length > MAX_NESTING) throw new BrokenTemplate(`blocks are nested deeper than ${MAX_NESTING}`, segment.at)
  }
  const unclosed = open.at(-1)
  if (unclosed && unclosed.end !== '') throw new BrokenTemplate(`"${unclosed.end}" is missing`, template.length)
  return root
}

function addSegment(segment: Segment, inner: Open): Open | 'closed' | undefined {
  const { at } = segment
  if (segment.kind === 'text') {
    inner.body.push({ kind: 'text', text: segment.text, at })
    return undefined
  }
  const parser = new ExpressionParser(segment.tokens, at)
  let started: Open | 'closed' | undefined
  if (segment.kind === 'output') inner.body.push({ kind: 'output', value: parser.tuple(), at })
  else started = addStatement(parser, inner, at)
  if (!parser.isDone) throw new BrokenTemplate('something follows where the tag should end', parser.at)
  return started
}

function addStatement(parser: ExpressionParser, inner: Open, at: number): Open | 'closed' | undefined {
  const name = parser.name()
  if (inner.end !== '' && name === inner.end) {
    // `endblock name` and `endmacro name` may repeat the name.
    if (!parser.isDone) parser.name()
    return 'closed'
  }
  if (name === 'else' && inner.mayElse) return undefined
  if (name === 'elif' && inner.conditions) {
    inner.conditions.conditions.push(parser.tuple())
    return undefined
  }
  if (SINGLE.has(name)) return undefined
  const start = STARTS[name]
  if (start) return begin(start(parser, at), `end${name}`, inner)
  if (name.startsWith('end') || name === 'else' || name === 'elif')
    throw new BrokenTemplate(`"${name}" closes or continues nothing`, at)
  inner.body.push(FILE_STATEMENTS.has(name) ? { kind: 'file', name, at } : { kind: 'unknown', name, at })
  skipRest(parser)
  return undefined
}

function begin(statement: Statement, end: string, inner: Open): Open | undefined {
  inner.body.push(statement)
  if (!('body' in statement)) return undefined
  const { kind, body } = statement
  return { end, body, conditions: kind === 'if' ? statement : undefined, mayElse: kind === 'if' || kind === 'for' }
}

const STARTS: Record<string, (parser: ExpressionParser, at: number) => Statement> = {
  if: (parser, at) => ({ kind: 'if', conditions: [parser.tuple()], body: [], at }),
  for: parseFor,
  set: parseSet,
  macro: (parser, at) => ({ kind: 'macro', name: parser.name(), parameters: parseParameters(parser), body: [], at }),
  call: (parser, at) => {
    const parameters = parser.peek('(') ? parseParameters(parser) : []
    return { kind: 'call-block', parameters, call: parser.expression(), body: [], at }
  },
  with: parseWith,
  filter: (parser, at) => {
    const first = parser.filter(undefined)
    return { kind: 'filter-block', filter: parser.filters(first) ?? first, body: [], at }
  },
  // What assistants wrote, marked for training.
  generation: (_, at) => ({ kind: 'group', body: [], at }),
  block: (parser, at) => {
    parser.name()
    while (parser.take('scoped') || parser.take('required'));
    return { kind: 'group', body: [], at }
  },
  autoescape: (parser, at) => {
    parser.expression()
    return { kind: 'group', body: [], at }
  },
}

function parseFor(parser: ExpressionParser, at: number): Statement {
  const targets = parseTargets(parser)
  parser.expect('in')
  const over = parser.tuple({ withChoice: false })
  const condition = parser.take('if') ? parser.expression() : undefined
  parser.take('recursive')
  return { kind: 'for', targets, over, condition, body: [], at }
}

function parseSet(parser: ExpressionParser, at: number): Statement {
  const targets = parseTargets(parser)
  if (parser.take('=')) return { kind: 'set', targets, value: parser.tuple(), at }
  const [target] = targets
  if (!target) throw new BrokenTemplate('a name is missing', at)
  return { kind: 'set-block', target, filter: parser.filters(undefined), body: [], at }
}

function parseWith(parser: ExpressionParser, at: number): Statement {
  const sets: { target: Target; value: ReturnType<ExpressionParser['expression']> }[] = []
  while (!parser.isDone) {
    if (sets.length > 0) parser.expect(',')
    const target = parseTarget(parser)
    parser.expect('=')
    sets.push({ target, value: parser.expression() })
  }
  return { kind: 'with', sets, body: [], at }
}

function parseTargets(parser: ExpressionParser): Target[] {
  const targets: Target[] = []
  let open = 0
  do {
    while (parser.take('(')) open++
    if (targets.length > 0 && (parser.peek('in') || parser.peek('='))) break
    targets.push(parseTarget(parser))
    while (open > 0 && parser.take(')')) open--
  } while (parser.take(','))
  return targets
}

function parseTarget(parser: ExpressionParser): Target {
  const name = parser.name()
  return { name, attribute: parser.take('.') ? parser.name() : undefined }
}

function parseParameters(parser: ExpressionParser): Parameter[] {
  const parameters: Parameter[] = []
  parser.expect('(')
  while (!parser.take(')')) {
    if (parameters.length > 0) parser.expect(',')
    const name = parser.name()
    parameters.push({ name, fallback: parser.take('=') ? parser.expression() : undefined })
  }
  return parameters
}

/** Statements that are judged by their name alone. */
function skipRest(parser: ExpressionParser): void {
  while (!parser.isDone) parser.tuple()
}
