/**
 * Cuts a Jinja template into text, outputs and statements, and those into tokens, the way Jinja's own lexer does with
 * the delimiters that chat templates use. Line statements are off there. Source: jinja2/lexer.py.
 */

export interface Token {
  kind: 'name' | 'text' | 'number' | 'operator'
  /** A text's value with its escapes resolved. */
  value: string
  at: number
}

export interface Segment {
  kind: 'text' | 'output' | 'statement'
  /** Of text segments. */
  text: string
  tokens: Token[]
  at: number
}

/** Jinja would refuse the template, or it is built to exhaust its reader. */
export class BrokenTemplate extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const MAX_TOKENS = 200_000
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy
const NUMBER =
  /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|\d(?:_?\d)*(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?/y
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+*/%~[\](){}<>=.:|,;]/y
const TEXT = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y
const SPACE = /\s+/y
const RAW_START = /\{%[-+]?\s*raw\s*-?%\}/y
const RAW_END = /\{%[-+]?\s*endraw\s*[-+]?%\}/g
const OPEN: Record<string, string> = { '(': ')', '[': ']', '{': '}' }

/** Throws BrokenTemplate. */
export function readSegments(template: string): Segment[] {
  const segments: Segment[] = []
  const text = (from: number, to: number) => {
    if (to > from) segments.push({ kind: 'text', text: template.slice(from, to), tokens: [], at: from })
  }
  const budget = { tokens: 0 }
  let from = 0
  for (;;) {
    const at = nextDelimiter(template, from)
    text(from, at)
    if (at >= template.length) return segments
    if (template.startsWith('{#', at)) {
      const end = template.indexOf('#}', at + 2)
      if (end < 0) throw new BrokenTemplate('a comment is not closed', at)
      from = end + 2
      continue
    }
    const raw = matchAt(RAW_START, template, at)
    if (raw) {
      RAW_END.lastIndex = at + raw.length
      const end = RAW_END.exec(template)
      if (!end) throw new BrokenTemplate('a raw block is not closed', at)
      text(at + raw.length, end.index)
      from = end.index + end[0].length
      continue
    }
    const closing = template[at + 1] === '{' ? '}}' : '%}'
    const { tokens, end } = readTokens(template, at, closing, budget)
    segments.push({ kind: closing === '}}' ? 'output' : 'statement', text: '', tokens, at })
    from = end
  }
}

function nextDelimiter(template: string, from: number): number {
  for (let at = template.indexOf('{', from); at >= 0; at = template.indexOf('{', at + 1)) {
    const next = template[at + 1]
    if (next === '{' || next === '%' || next === '#') return at
  }
  return template.length
}

/** Closing delimiters count only where no bracket is open: `{{ {'a': {}} }}`. */
function readTokens(
  template: string,
  start: number,
  closing: string,
  budget: { tokens: number },
): { tokens: Token[]; end: number } {
  const tokens: Token[] = []
  const open: string[] = []
  let at = start + 2
  if (/[-+]/.test(template[at] ?? '')) at++
  for (;;) {
    at += matchAt(SPACE, template, at)?.length ?? 0
    if (open.length === 0) {
      if (template.startsWith(closing, at)) return { tokens, end: at + 2 }
      if (/[-+]/.test(template[at] ?? '') && template.startsWith(closing, at + 1)) return { tokens, end: at + 3 }
    }
    const token = readToken(template, at)
    if (!token) throw new BrokenTemplate(at >= template.length ? 'a tag is not closed' : 'an unexpected character', at)
    if (++budget.tokens > MAX_TOKENS) throw new BrokenTemplate(`more than ${MAX_TOKENS} tokens`, at)
    if (token.kind === 'operator') balance(open, token)
    tokens.push({ kind: token.kind, value: token.value, at })
    at += token.length
  }
}

function balance(open: string[], { value, at }: Token): void {
  const closer = OPEN[value]
  if (closer) open.push(closer)
  else if (')]}'.includes(value) && open.pop() !== value) throw new BrokenTemplate(`an unexpected "${value}"`, at)
}

function readToken(template: string, at: number): (Token & { length: number }) | undefined {
  const text = matchAt(TEXT, template, at)
  if (text) return { kind: 'text', value: withoutEscapes(text.slice(1, -1)), at, length: text.length }
  const number = matchAt(NUMBER, template, at)
  if (number) return { kind: 'number', value: number.replaceAll('_', ''), at, length: number.length }
  const name = matchAt(NAME, template, at)
  if (name) return { kind: 'name', value: name, at, length: name.length }
  const operator = matchAt(OPERATOR, template, at)
  return operator ? { kind: 'operator', value: operator, at, length: operator.length } : undefined
}

function matchAt(pattern: RegExp, template: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(template)?.[0]
}

const SIMPLE: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' }
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|N\{([^}]*)\}|([\s\S]))/g

/** Python's escapes. A character by its Unicode name is taken for the one that matters here: the underscore. */
const withoutEscapes = (text: string): string =>
  text.replace(ESCAPE, (_, x, u, U, octal, named, other) => {
    const hex = x ?? u ?? U
    if (hex !== undefined) return fromCodePoint(Number.parseInt(hex, 16))
    if (octal !== undefined) return fromCodePoint(Number.parseInt(octal, 8))
    if (named !== undefined) return '_'
    return SIMPLE[other] ?? (/["'\\]/.test(other) ? other : `\\${other}`)
  })

const fromCodePoint = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '�')
