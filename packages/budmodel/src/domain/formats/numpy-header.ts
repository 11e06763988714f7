/**
 * A .npy header as what follows it in the file. The header is a Python dictionary; only the literals that numpy writes
 * are understood: texts, whole numbers, truth values, lists, tuples.
 */

export interface NumpyHeader {
  elements: number
  itemBytes: number
  hasObjects: boolean
}

type Literal = string | number | boolean | null | Literal[] | Map<string, Literal>

const MAX_DEPTH = 64
const TOKEN = /\s*(?:([{}[\](),:])|'([^'\\]*)'|"([^"\\]*)"|(-?\d{1,16})L?|(True|False|None)\b)/y

/** The header, or what is wrong with it as the end of "the file …". */
export function parseNumpyHeader(text: string): NumpyHeader | string {
  const literal = parseLiteral(text)
  if (!(literal instanceof Map)) return 'has a header that is no Python dictionary of plain values'
  const descr = literal.get('descr')
  const shape = literal.get('shape')
  const order = literal.get('fortran_order')
  if (literal.size !== 3 || descr === undefined || typeof order !== 'boolean' || !isShape(shape)) {
    return 'has a header without exactly descr, fortran_order and shape'
  }
  const type = typeOf(descr, 0)
  if (type === undefined) return 'has a header with a data type that is not known here'
  return { elements: shape.reduce((product, size) => product * size, 1), ...type }
}

type ItemType = Pick<NumpyHeader, 'itemBytes' | 'hasObjects'>

function typeOf(descr: Literal, depth: number): ItemType | undefined {
  if (typeof descr === 'string') return simpleType(descr)
  if (!Array.isArray(descr) || depth > MAX_DEPTH) return undefined
  let itemBytes = 0
  let hasObjects = false
  for (const field of descr) {
    if (!Array.isArray(field) || field.length < 2 || field.length > 3) return undefined
    const [, inner, shape = []] = field
    const type = inner === undefined ? undefined : typeOf(inner, depth + 1)
    const sizes = typeof shape === 'number' ? [shape] : shape
    if (type === undefined || !isShape(sizes)) return undefined
    itemBytes += sizes.reduce((product, size) => product * size, 1) * type.itemBytes
    hasObjects ||= type.hasObjects
  }
  return { itemBytes, hasObjects }
}

function simpleType(descr: string): ItemType | undefined {
  const match = /^[<>|=]?([a-zA-Z?])(\d{0,9})(?:\[[\w/]{1,16}\])?$/.exec(descr)
  if (!match) return undefined
  const [, kind = '', digits = ''] = match
  const size = Number(digits)
  if (kind === 'O') return { itemBytes: 8, hasObjects: true }
  if (kind === '?' && digits === '') return { itemBytes: 1, hasObjects: false }
  if (digits === '') return undefined
  if (kind === 'U') return { itemBytes: 4 * size, hasObjects: false }
  return 'biufcSVMm'.includes(kind) ? { itemBytes: size, hasObjects: false } : undefined
}

const isShape = (value: Literal | undefined): value is number[] =>
  Array.isArray(value) && value.every((size) => typeof size === 'number' && size >= 0)

/** Undefined for anything but one plain literal. */
function parseLiteral(text: string): Literal | undefined {
  const tokens = tokensOf(text)
  if (!tokens) return undefined
  let at = 0
  const parse = (depth: number): Literal | undefined => {
    const token = tokens[at++]
    if (token === undefined || depth > MAX_DEPTH) return undefined
    if ('value' in token) return token.value
    if (token.mark === '{') return parseDictionary(depth)
    if (token.mark === '(' || token.mark === '[') return parseItems(token.mark === '(' ? ')' : ']', depth)
    return undefined
  }
  const isMark = (mark: string) => {
    const token = tokens[at]
    if (token === undefined || 'value' in token || token.mark !== mark) return false
    at++
    return true
  }
  const parseItems = (end: string, depth: number): Literal[] | undefined => {
    const items: Literal[] = []
    while (!isMark(end)) {
      const item = parse(depth + 1)
      if (item === undefined) return undefined
      items.push(item)
      if (!isMark(',')) return isMark(end) ? items : undefined
    }
    return items
  }
  const parseDictionary = (depth: number): Map<string, Literal> | undefined => {
    const entries = new Map<string, Literal>()
    while (!isMark('}')) {
      const key = parse(depth + 1)
      if (typeof key !== 'string' || entries.has(key) || !isMark(':')) return undefined
      const value = parse(depth + 1)
      if (value === undefined) return undefined
      entries.set(key, value)
      if (!isMark(',')) return isMark('}') ? entries : undefined
    }
    return entries
  }
  const literal = parse(0)
  return at === tokens.length ? literal : undefined
}

type Token = { mark: string } | { value: string | number | boolean | null }

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text)
    if (!match) return undefined
    const [, mark, single, double, digits, word] = match
    if (mark !== undefined) tokens.push({ mark })
    else if (digits !== undefined) tokens.push({ value: Number(digits) })
    else if (word !== undefined) tokens.push({ value: word === 'None' ? null : word === 'True' })
    else tokens.push({ value: single ?? double ?? '' })
  }
  return tokens
}
