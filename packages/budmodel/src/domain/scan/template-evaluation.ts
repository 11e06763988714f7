/**
 * Follows the values of a template's variables and judges every place where a value is used as a name: attributes,
 * subscripts and filters that look attributes up. Nothing is run.
 */
import type { Argument, Expression, Statement, Target } from '../formats/jinja-syntax.ts'
import { bodyOf, expressionsOf } from '../formats/jinja-syntax.ts'
import type { Severity } from './scan-report.ts'
import { callResult, filterResult } from './template-functions.ts'
import { TemplateNameRules } from './template-name-rules.ts'
import {
  KNOWN_FILTERS,
  KNOWN_FUNCTIONS,
  KNOWN_METHODS,
  KNOWN_TESTS,
  OBJECTS_OF_APPLICATIONS,
  REQUEST_NAMES,
  TOKEN_NAMES,
} from './template-names.ts'
import { characterAt, repeated, sliced } from './template-slices.ts'
import {
  allOf,
  anything,
  elementsOf,
  fromRequest,
  isText,
  joined,
  listOf,
  mayBeginUnderscored,
  nothing,
  numberValue,
  sameValue,
  textValue,
  union,
  type Value,
} from './template-values.ts'

export type Report = (severity: Severity, rule: string, what: string, at: number, evidence?: string) => void

/** Rounds until loops and macros have settled; what still grows then may be anything. */
const MAX_ROUNDS = 5
const CALLER_ARGUMENTS = 'caller()'
const LOOP_COUNTERS = new Set([
  'index',
  'index0',
  'revindex',
  'revindex0',
  'first',
  'last',
  'length',
  'depth',
  'depth0',
])

export class TemplateEvaluation {
  readonly #values = new Map<string, Value>()
  readonly #macros = new Map<string, Statement & { kind: 'macro' }>()
  /** Names that the template asks for with `is defined` or gives a default: its own parameters. */
  readonly #parameters = new Set<string>()
  #report: Report = () => {}
  readonly #names = new TemplateNameRules((...found) => this.#report(...found))
  #changed = false
  #widen = false

  constructor(root: readonly Statement[]) {
    this.#collect(root)
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#changed = false
      this.#widen = round === MAX_ROUNDS - 1
      this.#run(root)
      if (!this.#changed) break
    }
  }

  judge(root: readonly Statement[], report: Report): void {
    this.#report = report
    this.#run(root)
    this.#report = () => {}
  }

  /** The largest number that an expression is known to be. */
  numberOf(expression: Expression): number {
    return this.evaluate(expression).number
  }

  get macros(): ReadonlyMap<string, Statement & { kind: 'macro' }> {
    return this.#macros
  }

  #collect(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'macro') this.#macros.set(statement.name, statement)
      this.#collect(bodyOf(statement))
    }
  }

  #run(statements: readonly Statement[]): void {
    for (const statement of statements) this.#runOne(statement)
  }

  #runOne(statement: Statement): void {
    switch (statement.kind) {
      case 'set':
        this.#assign(statement.targets, statement.value)
        break
      case 'set-block':
        this.#set(statement.target, this.#filtered(statement.filter, bodyValue(statement.body)))
        break
      case 'for':
        this.#bindAll(statement.targets, elementsOf(this.evaluate(statement.over)))
        if (statement.condition) this.evaluate(statement.condition)
        break
      case 'with':
        for (const { target, value } of statement.sets) this.#assign([target], value)
        break
      case 'macro':
      case 'call-block':
        for (const { name, fallback } of statement.parameters) {
          this.#bind(name, fallback ? this.evaluate(fallback) : nothing)
          if (statement.kind === 'call-block') this.#bind(name, this.#values.get(CALLER_ARGUMENTS) ?? nothing)
        }
        if (statement.kind === 'call-block') this.evaluate(statement.call)
        break
      case 'file':
        this.#report('block', 'template-file-access', `reads another file ({% ${statement.name} %})`, statement.at)
        break
      case 'unknown':
        this.#report('warn', 'template-unknown-tag', `uses the unknown tag {% ${statement.name} %}`, statement.at)
        break
      default:
        for (const expression of expressionsOf(statement)) this.evaluate(expression)
    }
    this.#run(bodyOf(statement))
  }

  #filtered(filter: Expression | undefined, content: Value): Value {
    if (!filter) return content
    this.evaluate(filter)
    return anything
  }

  #assign(targets: readonly Target[], expression: Expression): void {
    const value = this.evaluate(expression)
    const [target] = targets
    if (!target || targets.length > 1) {
      this.#bindAll(targets, allOf(value))
      return
    }
    this.#set(target, value)
    if (expression.kind === 'call' && expression.target.kind === 'name' && expression.target.name === 'namespace')
      for (const { name, value: initial } of expression.args)
        if (name) this.#bind(`${target.name}.${name}`, this.evaluate(initial))
  }

  #bindAll(targets: readonly Target[], value: Value): void {
    for (const target of targets) this.#set(target, targets.length > 1 ? allOf(value) : value)
  }

  #set({ name, attribute }: Target, value: Value): void {
    this.#bind(attribute === undefined ? name : `${name}.${attribute}`, value)
  }

  #bind(name: string, value: Value): void {
    const before = this.#values.get(name)
    const after = before ? union(before, value) : value
    if (before && sameValue(before, after)) return
    this.#changed = true
    this.#values.set(
      name,
      this.#widen && before ? { ...after, computed: isText(after) ? 'anything' : after.computed } : after,
    )
  }

  evaluate(expression: Expression): Value {
    switch (expression.kind) {
      case 'text':
        this.#names.format(textValue(expression.value), expression.at)
        return textValue(expression.value)
      case 'number':
        return numberValue(expression.value)
      case 'constant':
        return nothing
      case 'name':
        return this.#name(expression.name, expression.at)
      case 'member':
        return this.#member(expression, false)
      case 'item':
        return this.#item(expression)
      case 'slice':
        for (const part of expression.parts) if (part) this.evaluate(part)
        return nothing
      case 'call':
        return this.#call(expression)
      case 'filter':
        return this.#filter(expression)
      case 'test':
        return this.#test(expression)
      case 'binary':
        return this.#binary(expression)
      case 'unary':
        return { ...this.evaluate(expression.operand), texts: new Set() }
      case 'choice':
        this.evaluate(expression.condition)
        return union(...expression.parts.map((part) => this.evaluate(part)))
      case 'list':
        return listOf(expression.items.map((item) => this.evaluate(item)))
    }
  }

  #name(name: string, at: number): Value {
    const known = this.#values.get(name)
    if (known) return known
    if (TOKEN_NAMES.has(name)) return { ...anything, data: true }
    if (KNOWN_FUNCTIONS.has(name) || this.#macros.has(name)) return nothing
    if (mayBeginUnderscored(name) && name !== '_')
      this.#report('block', 'template-escape', `uses the internal name ${name}`, at, name)
    else if (OBJECTS_OF_APPLICATIONS.has(name) && !this.#parameters.has(name))
      this.#report('warn', 'template-unknown-name', `uses ${name}, which chat templates do not have`, at, name)
    return fromRequest
  }

  /** A name that is called or looked into has to be one that chat templates are given. */
  #expectKnown(object: Expression): void {
    if (object.kind !== 'name') return
    const { name, at } = object
    const known =
      this.#values.has(name) || REQUEST_NAMES.has(name) || TOKEN_NAMES.has(name) || this.#parameters.has(name)
    if (known || KNOWN_FUNCTIONS.has(name) || this.#macros.has(name) || OBJECTS_OF_APPLICATIONS.has(name)) return
    this.#report('warn', 'template-unknown-name', `looks into ${name}, which chat templates are not given`, at, name)
  }

  #member({ object, name, at }: Expression & { kind: 'member' }, called: boolean): Value {
    this.#expectKnown(object)
    this.#names.attribute(textValue(name), at)
    const value = this.evaluate(object)
    const field = object.kind === 'name' ? this.#values.get(`${object.name}.${name}`) : undefined
    if (field) return field
    if (!called && isText(value) && KNOWN_METHODS.has(name)) {
      this.#names.reference(name, at)
      return anything
    }
    if (object.kind === 'name' && object.name === 'loop' && LOOP_COUNTERS.has(name)) return nothing
    return union(...(value.items ? [value.items] : []), value.data ? fromRequest : nothing)
  }

  #item({ object, index, at }: Expression & { kind: 'item' }): Value {
    this.#expectKnown(object)
    const value = this.evaluate(object)
    const place = this.evaluate(index)
    this.#names.attribute(place, at)
    if (index.kind === 'slice') return sliced(value, index)
    if (isText(value)) for (const text of place.texts) this.#names.reference(text, at)
    const character = isText(value) ? characterAt(value, index) : nothing
    return union(...(value.items ? [value.items] : []), character, value.data ? fromRequest : nothing)
  }

  #call(expression: Expression & { kind: 'call' }): Value {
    const { target, args, at } = expression
    const values = args.map(({ value }) => this.evaluate(value))
    if (target.kind === 'name') return this.#callName(target.name, args, values, at)
    if (target.kind !== 'member') {
      this.evaluate(target)
      this.#report('block', 'template-escape', 'calls a value that it computes', at)
      return anything
    }
    const { name } = target
    this.#member(target, true)
    const object = this.evaluate(target.object)
    const field = target.object.kind === 'name' ? this.#values.has(`${target.object.name}.${name}`) : false
    if (!KNOWN_METHODS.has(name) || field)
      this.#report('warn', 'template-unknown-call', `calls the method ${name}, which is not a known one`, at, name)
    if (name === 'format' || name === 'format_map') this.#names.format(object, at)
    if (target.object.kind === 'name') this.#mutate(target.object.name, name, object, values)
    return callResult(name, object, values)
  }

  /** What is put into a list or dict can be taken out of it under another name. */
  #mutate(variable: string, method: string, object: Value, values: readonly Value[]): void {
    if (!['append', 'extend', 'insert', 'update', 'setdefault'].includes(method)) return
    this.#bind(variable, { ...object, items: union(...(object.items ? [object.items] : []), ...values.map(allOf)) })
  }

  #callName(name: string, args: readonly Argument[], values: readonly Value[], at: number): Value {
    const macro = this.#macros.get(name)
    if (macro) {
      this.#passArguments(macro, args, values)
      return anything
    }
    if (name === 'caller') this.#bind(CALLER_ARGUMENTS, union(nothing, ...values.map(allOf)))
    if (!KNOWN_FUNCTIONS.has(name) && name !== 'loop') {
      this.#name(name, at)
      if (!OBJECTS_OF_APPLICATIONS.has(name))
        this.#report('warn', 'template-unknown-call', `calls ${name}, which chat templates are not given`, at, name)
      return anything
    }
    if (name === 'range') return numberValue(Math.max(0, ...values.map(({ number }) => number)))
    if (name === 'raise_exception') return nothing
    if (name === 'strftime_now' || name === 'tojson' || name === 'caller' || name === 'loop') return anything
    return listOf([nothing, ...values])
  }

  #passArguments(macro: Statement & { kind: 'macro' }, args: readonly Argument[], values: readonly Value[]): void {
    let place = 0
    for (const [i, { name }] of args.entries()) {
      const value = values[i] ?? nothing
      const parameter = name ?? macro.parameters[place++]?.name
      if (parameter) this.#bind(parameter, value)
      this.#bind('varargs', listOf([value]))
      this.#bind('kwargs', listOf([value]))
    }
  }

  #filter({ object, name, args, at }: Expression & { kind: 'filter' }): Value {
    if ((name === 'default' || name === 'd') && object?.kind === 'name') this.#parameters.add(object.name)
    const value = object ? this.evaluate(object) : anything
    const values = args.map((arg) => this.evaluate(arg.value))
    if (!KNOWN_FILTERS.has(name))
      this.#report('warn', 'template-unknown-filter', `uses the unknown filter ${name}`, at, name)
    if (name === 'map') this.#names.map(args, values, at)
    else this.#names.attributeFilter(name, args, values, at)
    return filterResult(name, value, values)
  }

  #test({ object, name, args, at }: Expression & { kind: 'test' }): Value {
    if ((name === 'defined' || name === 'undefined') && object.kind === 'name') this.#parameters.add(object.name)
    this.evaluate(object)
    for (const { value } of args) this.evaluate(value)
    if (!KNOWN_TESTS.has(name)) this.#report('warn', 'template-unknown-test', `uses the unknown test ${name}`, at, name)
    return nothing
  }

  #binary({ operator, left, right }: Expression & { kind: 'binary' }): Value {
    const [a, b] = [this.evaluate(left), this.evaluate(right)]
    if (operator === '~') return joined(a, b)
    if (operator === 'or' || operator === 'and') return union(a, b)
    if (operator === '+') {
      if (a.items || b.items) return { ...nothing, items: union(allOf(a), allOf(b)) }
      if (left.kind === 'number' || right.kind === 'number') return numberValue(a.number + b.number)
      return isText(a) || isText(b) || a.data || b.data ? joined(a, b) : numberValue(a.number + b.number)
    }
    if (operator === '*')
      return a.items || b.items || isText(a) || isText(b) ? repeated(a, b) : numberValue(a.number * b.number)
    if (operator === '**') return numberValue(a.number ** b.number)
    if (operator === '%' && (isText(a) || a.data)) return anything
    if (operator === '-' || operator === '/' || operator === '//' || operator === '%') return numberValue(a.number)
    return nothing
  }
}

/** Literal text is known; what is written by expressions is not. */
function bodyValue(body: readonly Statement[]): Value {
  const texts = body.map((statement) => (statement.kind === 'text' ? statement.text : undefined))
  return texts.every((text) => text !== undefined) ? textValue(texts.join(''), texts.join('').trim()) : anything
}
