/** Finds templates that would never end, or write more than a machine can hold: loops and macros multiplied out. */
import { bodyOf, childrenOf, type Expression, expressionsOf, type Statement } from '../formats/jinja-syntax.ts'
import type { Report, TemplateEvaluation } from './template-evaluation.ts'

const MANY = 100_000
/** More than this is not reached by any conversation. */
const TOO_MANY = 10_000_000
const DOUBLING_LIMIT = 16
/** Functions, methods and filters that write as many characters as they are told. */
const WIDTHS = new Set(['center', 'ljust', 'rjust', 'zfill', 'indent', 'wordwrap', 'lipsum', 'batch', 'slice', 'range'])

export function findBombs(root: readonly Statement[], evaluation: TemplateEvaluation, report: Report): void {
  const costs = new MacroCosts(evaluation)
  const doublings = { count: 0 }
  const visit = (statements: readonly Statement[], times: number, inLoop: boolean): void => {
    for (const statement of statements) {
      for (const expression of expressionsOf(statement)) check(expression, evaluation, report)
      const inner = statement.kind === 'for' ? times * rangeOf(statement.over, evaluation) : times
      if (inner > TOO_MANY && inner > times)
        report('block', 'template-bomb', `repeats a part ${inner.toExponential(0)} times`, statement.at)
      else if (inner > MANY && inner > times)
        report('warn', 'template-bomb', `repeats a part ${inner.toLocaleString('en')} times`, statement.at)
      if (isDoubling(statement) && (inLoop || ++doublings.count > DOUBLING_LIMIT))
        report('block', 'template-bomb', 'doubles a text again and again', statement.at)
      visit(bodyOf(statement), inner, inLoop || statement.kind === 'for')
    }
  }
  visit(root, 1, false)
  for (const [name, macro] of evaluation.macros)
    if (costs.of(name) > TOO_MANY)
      report('block', 'template-bomb', `multiplies its macros (${name}) beyond what ends`, macro.at, name)
}

function check(expression: Expression, evaluation: TemplateEvaluation, report: Report): void {
  for (const child of childrenOf(expression)) check(child, evaluation, report)
  const told = toldWidths(expression, evaluation)
  if (told > TOO_MANY)
    report('block', 'template-bomb', `asks for ${told.toExponential(0)} characters or rounds at once`, expression.at)
}

function toldWidths(expression: Expression, evaluation: TemplateEvaluation): number {
  switch (expression.kind) {
    case 'filter':
      return WIDTHS.has(expression.name)
        ? largest(
            expression.args.map(({ value }) => value),
            evaluation,
          )
        : 0
    case 'call': {
      const { target, args } = expression
      const name = target.kind === 'name' || target.kind === 'member' ? target.name : ''
      return WIDTHS.has(name)
        ? largest(
            args.map(({ value }) => value),
            evaluation,
          )
        : 0
    }
    case 'binary':
      if (expression.operator === '*') {
        const [left, right] = [evaluation.numberOf(expression.left), evaluation.numberOf(expression.right)]
        return left > 0 && right > 0 ? 0 : Math.max(left, right)
      }
      return expression.operator === '**' ? Math.log10(evaluation.numberOf(expression) || 1) * 1e6 - 1e8 : 0
    case 'text':
      // "%1000000000d", "{:>1000000000}"
      return /%[-+ #0]*\d{8,}|[{:][^{}]*\d{8,}[^{}]*\}/.test(expression.value) && /%|\{/.test(expression.value)
        ? widthIn(expression.value)
        : 0
    default:
      return 0
  }
}

const widthIn = (text: string): number =>
  Math.max(
    0,
    ...[...text.matchAll(/%[-+ #0]*(\d{8,})[sdixXofeEgGcra]|\{[^{}:]*:[^{}]*?(\d{8,})[^{}]*\}/g)].map((m) =>
      Number(m[1] ?? m[2]),
    ),
  )

const largest = (args: readonly Expression[], evaluation: TemplateEvaluation): number =>
  Math.max(0, ...args.map((arg) => evaluation.numberOf(arg)))

const rangeOf = (over: Expression, evaluation: TemplateEvaluation): number =>
  over.kind === 'call' && over.target.kind === 'name' && over.target.name === 'range'
    ? Math.max(1, evaluation.numberOf(over))
    : 1

/** `set x = x ~ x`: the name twice in what it becomes. */
function isDoubling(statement: Statement): boolean {
  if (statement.kind !== 'set') return false
  const [target] = statement.targets
  if (!target) return false
  const mentions = (expression: Expression): number => {
    const own =
      target.attribute === undefined
        ? expression.kind === 'name' && expression.name === target.name
        : expression.kind === 'member' &&
          expression.name === target.attribute &&
          expression.object.kind === 'name' &&
          expression.object.name === target.name
    if (own) return 1
    if (expression.kind === 'binary' && !['~', '+', '*'].includes(expression.operator)) return 0
    if (expression.kind === 'choice') return Math.max(0, ...expression.parts.map(mentions))
    if (expression.kind === 'test' || expression.kind === 'item' || expression.kind === 'call') return 0
    return childrenOf(expression).reduce((sum, child) => sum + mentions(child), 0)
  }
  return mentions(statement.value) > 1
}

/** How many macro bodies one call of a macro runs; recursion ends by itself and counts once. */
class MacroCosts {
  readonly #evaluation: TemplateEvaluation
  readonly #known = new Map<string, number>()

  constructor(evaluation: TemplateEvaluation) {
    this.#evaluation = evaluation
  }

  of(name: string): number {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const macro = this.#evaluation.macros.get(name)
    if (!macro) return 0
    this.#known.set(name, 1)
    const cost = 1 + this.#body(macro.body)
    this.#known.set(name, cost)
    return cost
  }

  #body(statements: readonly Statement[]): number {
    let cost = 0
    for (const statement of statements) {
      for (const expression of expressionsOf(statement)) cost += this.#calls(expression)
      const times = statement.kind === 'for' ? rangeOf(statement.over, this.#evaluation) : 1
      cost += times * this.#body(bodyOf(statement))
    }
    return Math.min(cost, 1e15)
  }

  #calls(expression: Expression): number {
    const own = expression.kind === 'call' && expression.target.kind === 'name' ? this.of(expression.target.name) : 0
    return childrenOf(expression).reduce((sum, child) => sum + this.#calls(child), own)
  }
}
