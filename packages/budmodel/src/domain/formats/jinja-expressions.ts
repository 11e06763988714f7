/** Parses Jinja expressions. Source: jinja2/parser.py; what it would refuse is refused, with the same precedence. */
import type { Argument, Expression } from './jinja-syntax.ts'
import { BrokenTemplate, type Token } from './jinja-tokens.ts'

const MAX_DEPTH = 150
/** Loosest first; `not`, unary signs and powers bind tighter than the last. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', '<', '>', '<=', '>=', 'in', 'not in'],
  ['+', '-'],
  ['~'],
  ['*', '/', '//', '%'],
]
const COMPARE_LEVEL = 2
/** After a test's name these end it; anything else that can start a value is its argument. */
const NOT_ARGUMENTS = new Set(['else', 'or', 'and', 'if', 'is', 'not', 'in', 'recursive'])
const CONSTANTS = new Set(['true', 'false', 'none', 'True', 'False', 'None'])

export class ExpressionParser {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #position = 0
  #depth = 0

  /** `end`: where the tag ends, for messages. */
  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  get at(): number {
    return this.#tokens[this.#position]?.at ?? this.#end
  }

  get isDone(): boolean {
    return this.#position >= this.#tokens.length
  }

  peek(value: string, ahead = 0): boolean {
    const token = this.#tokens[this.#position + ahead]
    return token !== undefined && token.kind !== 'text' && token.value === value
  }

  take(value: string): boolean {
    if (!this.peek(value)) return false
    this.#position++
    return true
  }

  expect(value: string): void {
    if (!this.take(value)) throw new BrokenTemplate(`"${value}" is missing`, this.at)
  }

  name(): string {
    const token = this.#tokens[this.#position]
    if (token?.kind !== 'name') throw new BrokenTemplate('a name is missing', this.at)
    this.#position++
    return token.value
  }

  /** `a`, `a.b.c`: filters and tests may have dotted names. */
  dottedName(): string {
    let name = this.name()
    while (this.take('.')) name += `.${this.name()}`
    return name
  }

  /** An expression, or a tuple without parentheses. */
  tuple(options: { withChoice: boolean } = { withChoice: true }): Expression {
    const { at } = this
    const parse = () => (options.withChoice ? this.expression() : this.#binary(0))
    const first = parse()
    if (!this.peek(',')) return first
    const items = [first]
    while (this.take(',')) if (!this.isDone && this.#startsValue()) items.push(parse())
    return { kind: 'list', items, at }
  }

  expression(): Expression {
    this.#enter()
    const { at } = this
    let value = this.#binary(0)
    while (this.take('if')) {
      const condition = this.#binary(0)
      const parts = this.take('else') ? [value, this.expression()] : [value]
      value = { kind: 'choice', condition, parts, at }
    }
    this.#depth--
    return value
  }

  /** `| name(args) | …`, applied to `object`. */
  filters(object: Expression | undefined): Expression | undefined {
    let value = object
    while (this.take('|')) value = this.filter(value)
    return value
  }

  filter(object: Expression | undefined): Expression {
    const { at } = this
    const name = this.dottedName()
    return { kind: 'filter', object, name, args: this.take('(') ? this.#args() : [], at }
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new BrokenTemplate(`nested deeper than ${MAX_DEPTH} levels`, this.at)
  }

  #startsValue(): boolean {
    const token = this.#tokens[this.#position]
    return token !== undefined && (token.kind !== 'operator' || '([{-+'.includes(token.value))
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level]
    if (!operators) return this.#unary()
    if (level === COMPARE_LEVEL && this.peek('not')) return this.#not()
    const { at } = this
    let left = this.#binary(level + 1)
    for (;;) {
      const operator = this.#operator(operators)
      if (!operator) return left
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1), at }
    }
  }

  #not(): Expression {
    this.#enter()
    const { at } = this
    this.expect('not')
    const operand = this.#binary(COMPARE_LEVEL)
    this.#depth--
    return { kind: 'unary', operator: 'not', operand, at }
  }

  #operator(operators: readonly string[]): string | undefined {
    if (operators.includes('not in') && this.peek('not') && this.peek('in', 1)) {
      this.#position += 2
      return 'not in'
    }
    return operators.find((operator) => this.take(operator))
  }

  #unary(): Expression {
    this.#enter()
    const { at } = this
    const operator = ['-', '+'].find((sign) => this.take(sign))
    const value: Expression = operator ? { kind: 'unary', operator, operand: this.#unary(), at } : this.#power()
    this.#depth--
    return value
  }

  #power(): Expression {
    const { at } = this
    const left = this.#postfix(this.#primary())
    return this.take('**') ? { kind: 'binary', operator: '**', left, right: this.#unary(), at } : left
  }

  #postfix(start: Expression): Expression {
    let value = start
    for (;;) {
      const { at } = this
      if (this.take('.')) value = this.#member(value, at)
      else if (this.take('[')) value = { kind: 'item', object: value, index: this.#index(), at }
      else if (this.take('(')) value = { kind: 'call', target: value, args: this.#args(), at }
      else if (this.take('|')) value = this.filter(value)
      else if (this.take('is')) value = this.#test(value, at)
      else return value
    }
  }

  #member(object: Expression, at: number): Expression {
    const token = this.#tokens[this.#position]
    if (token?.kind === 'number') {
      this.#position++
      return { kind: 'item', object, index: { kind: 'number', value: Number(token.value), at }, at }
    }
    return { kind: 'member', object, name: this.name(), at }
  }

  #index(): Expression {
    const { at } = this
    const items: Expression[] = []
    do items.push(this.#indexOrSlice())
    while (this.take(','))
    this.expect(']')
    const [only] = items
    return only && items.length === 1 ? only : { kind: 'list', items, at }
  }

  #indexOrSlice(): Expression {
    const { at } = this
    const parts: (Expression | undefined)[] = []
    const part = () => (this.peek(':') || this.peek(']') || this.peek(',') ? undefined : this.expression())
    const first = part()
    if (!this.peek(':')) {
      if (!first) throw new BrokenTemplate('a subscript is empty', at)
      return first
    }
    parts.push(first)
    while (this.take(':')) parts.push(part())
    return { kind: 'slice', parts, at }
  }

  #test(object: Expression, at: number): Expression {
    const negated = this.take('not')
    const name = this.dottedName()
    let args: Argument[] = []
    if (this.take('(')) args = this.#args()
    else if (this.#startsTestArgument()) args = [{ name: undefined, value: this.#testArgument() }]
    const test: Expression = { kind: 'test', object, name, args, at }
    return negated ? { kind: 'unary', operator: 'not', operand: test, at } : test
  }

  #startsTestArgument(): boolean {
    const token = this.#tokens[this.#position]
    if (!token) return false
    return token.kind === 'operator'
      ? '[{'.includes(token.value)
      : !NOT_ARGUMENTS.has(token.value) || token.kind === 'text'
  }

  #testArgument(): Expression {
    this.#enter()
    let value = this.#primary()
    for (;;) {
      const { at } = this
      if (this.take('.')) value = this.#member(value, at)
      else if (this.take('[')) value = { kind: 'item', object: value, index: this.#index(), at }
      else if (this.take('(')) value = { kind: 'call', target: value, args: this.#args(), at }
      else break
    }
    this.#depth--
    return value
  }

  #args(): Argument[] {
    const args: Argument[] = []
    while (!this.take(')')) {
      if (args.length > 0) {
        this.expect(',')
        if (this.take(')')) break
      }
      if (!this.take('**')) this.take('*')
      const named = this.#tokens[this.#position]?.kind === 'name' && this.peek('=', 1)
      const name = named ? this.name() : undefined
      if (named) this.expect('=')
      args.push({ name, value: this.expression() })
    }
    return args
  }

  #primary(): Expression {
    const token = this.#tokens[this.#position]
    const { at } = this
    if (!token) throw new BrokenTemplate('a value is missing', at)
    this.#position++
    if (token.kind === 'number') return { kind: 'number', value: Number(token.value), at }
    if (token.kind === 'name')
      return CONSTANTS.has(token.value) ? { kind: 'constant', at } : { kind: 'name', name: token.value, at }
    if (token.kind === 'text') return this.#text(token.value, at)
    if (token.value === '(') return this.#parentheses(at)
    if (token.value === '[') return { kind: 'list', items: this.#items(']', false), at }
    if (token.value === '{') return { kind: 'list', items: this.#items('}', true), at }
    throw new BrokenTemplate(`an unexpected "${token.value}"`, at)
  }

  /** Texts that follow each other are one, as in Python. */
  #text(first: string, at: number): Expression {
    let value = first
    for (;;) {
      const token = this.#tokens[this.#position]
      if (token?.kind !== 'text') return { kind: 'text', value, at }
      value += token.value
      this.#position++
    }
  }

  #parentheses(at: number): Expression {
    if (this.take(')')) return { kind: 'list', items: [], at }
    const value = this.tuple()
    this.expect(')')
    return value
  }

  #items(end: string, pairs: boolean): Expression[] {
    const items: Expression[] = []
    for (let count = 0; !this.take(end); count++) {
      if (count > 0) {
        this.expect(',')
        if (this.take(end)) break
      }
      items.push(this.expression())
      if (pairs) {
        this.expect(':')
        items.push(this.expression())
      }
    }
    return items
  }
}
