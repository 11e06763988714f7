/** What a Jinja template is made of, as far as it matters for judging it. */

export interface Argument {
  /** Of keyword arguments. */
  name: string | undefined
  value: Expression
}

export type Expression = { at: number } & (
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  /** true, false, none. */
  | { kind: 'constant' }
  | { kind: 'name'; name: string }
  | { kind: 'member'; object: Expression; name: string }
  | { kind: 'item'; object: Expression; index: Expression }
  | { kind: 'slice'; parts: (Expression | undefined)[] }
  | { kind: 'call'; target: Expression; args: Argument[] }
  /** `object` is undefined in `{% filter … %}` and block sets. */
  | { kind: 'filter'; object: Expression | undefined; name: string; args: Argument[] }
  | { kind: 'test'; object: Expression; name: string; args: Argument[] }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'unary'; operator: string; operand: Expression }
  | { kind: 'choice'; condition: Expression; parts: Expression[] }
  /** Lists, tuples, and dicts with keys and values in turn. */
  | { kind: 'list'; items: Expression[] }
)

/** Where a value goes: a name, or an attribute of a namespace. */
export interface Target {
  name: string
  attribute: string | undefined
}

export type Statement = { at: number } & (
  | { kind: 'text'; text: string }
  | { kind: 'output'; value: Expression }
  | { kind: 'set'; targets: Target[]; value: Expression }
  | { kind: 'set-block'; target: Target; filter: Expression | undefined; body: Statement[] }
  | { kind: 'for'; targets: Target[]; over: Expression; condition: Expression | undefined; body: Statement[] }
  /** All branches in one body. */
  | { kind: 'if'; conditions: Expression[]; body: Statement[] }
  | { kind: 'macro'; name: string; parameters: Parameter[]; body: Statement[] }
  | { kind: 'call-block'; call: Expression; parameters: Parameter[]; body: Statement[] }
  | { kind: 'with'; sets: { target: Target; value: Expression }[]; body: Statement[] }
  | { kind: 'filter-block'; filter: Expression; body: Statement[] }
  | { kind: 'group'; body: Statement[] }
  /** import, include, extends, from: other files. */
  | { kind: 'file'; name: string }
  /** Of an extension that chat templates do not have. */
  | { kind: 'unknown'; name: string }
)

export interface Parameter {
  name: string
  fallback: Expression | undefined
}

/** The expressions directly inside this one. */
export function childrenOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'text':
    case 'number':
    case 'constant':
    case 'name':
      return []
    case 'member':
      return [expression.object]
    case 'item':
      return [expression.object, expression.index]
    case 'slice':
      return expression.parts.filter((part) => part !== undefined)
    case 'call':
      return [expression.target, ...expression.args.map(({ value }) => value)]
    case 'filter':
      return [...(expression.object ? [expression.object] : []), ...expression.args.map(({ value }) => value)]
    case 'test':
      return [expression.object, ...expression.args.map(({ value }) => value)]
    case 'binary':
      return [expression.left, expression.right]
    case 'unary':
      return [expression.operand]
    case 'choice':
      return [expression.condition, ...expression.parts]
    case 'list':
      return expression.items
  }
}

/** The expressions that a statement holds itself, those of its body left out. */
export function expressionsOf(statement: Statement): Expression[] {
  switch (statement.kind) {
    case 'text':
    case 'group':
    case 'file':
    case 'unknown':
      return []
    case 'output':
    case 'set':
      return [statement.value]
    case 'set-block':
      return statement.filter ? [statement.filter] : []
    case 'for':
      return [statement.over, ...(statement.condition ? [statement.condition] : [])]
    case 'if':
      return statement.conditions
    case 'macro':
      return statement.parameters.flatMap(({ fallback }) => fallback ?? [])
    case 'call-block':
      return [statement.call, ...statement.parameters.flatMap(({ fallback }) => fallback ?? [])]
    case 'with':
      return statement.sets.map(({ value }) => value)
    case 'filter-block':
      return [statement.filter]
  }
}

export const bodyOf = (statement: Statement): Statement[] => ('body' in statement ? statement.body : [])
