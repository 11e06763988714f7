/** What the filters and methods of templates make of texts that are known. */
import {
  allOf,
  anything,
  changed,
  elementsOf,
  fromRequest,
  isText,
  joined,
  nothing,
  union,
  type Value,
} from './template-values.ts'

const NUMBERS = new Set([
  ...['length', 'count', 'int', 'float', 'abs', 'round', 'wordcount', 'find', 'rfind', 'index', 'rindex', 'startswith'],
  ...[
    'endswith',
    'isdigit',
    'isalpha',
    'isalnum',
    'isnumeric',
    'isdecimal',
    'isspace',
    'isupper',
    'islower',
    'istitle',
  ],
])
/** What they give is something that the value holds, or the value itself. */
const PASSING = new Set([
  ...[
    'get',
    'pop',
    'values',
    'keys',
    'items',
    'copy',
    'first',
    'last',
    'list',
    'sort',
    'dictsort',
    'unique',
    'reverse',
  ],
  ...[
    'select',
    'reject',
    'selectattr',
    'rejectattr',
    'groupby',
    'batch',
    'slice',
    'random',
    'min',
    'max',
    'sum',
    'map',
  ],
  ...['attr', 'next', 'cycle', 'setdefault', 'safe', 'e', 'escape', 'default', 'd'],
])
const CHANGES: Record<string, (text: string) => string> = {
  lower: (text) => text.toLowerCase(),
  casefold: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
  strip: (text) => text.trim(),
  lstrip: (text) => text.trimStart(),
  rstrip: (text) => text.trimEnd(),
  capitalize: (text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase(),
  title: (text) =>
    text.toLowerCase().replace(/(^|[^\p{L}])(\p{L})/gu, (_, before, letter) => before + letter.toUpperCase()),
}

export function callResult(name: string, object: Value, args: readonly Value[]): Value {
  if (NUMBERS.has(name)) return nothing
  if (name === 'join') return joinedBy(object, args[0] ?? nothing)
  if (name === 'split' || name === 'rsplit' || name === 'splitlines' || name === 'partition' || name === 'rpartition')
    return { ...nothing, data: object.data, items: pieces(object, args[0]) }
  if (args.length > 0 && (name === 'strip' || name === 'lstrip' || name === 'rstrip'))
    return isText(object) ? { ...anything, data: object.data } : passed(object, [])
  return textResult(name, object, args)
}

export function filterResult(name: string, value: Value, args: readonly Value[]): Value {
  if (NUMBERS.has(name)) return nothing
  if (name === 'join') return joinedBy(args[0] ?? nothing, value)
  if (name === 'reverse' && isText(value))
    return union(
      passed(value, args),
      changed({ ...value, items: undefined }, (text) => [...text].toReversed().join('')),
    )
  if (name === 'list' && isText(value)) return { ...nothing, items: elementsOf(value) }
  if (name === 'string') return value.data || value.items || !isText(value) ? { ...anything, data: value.data } : value
  return textResult(name, value, args)
}

function textResult(name: string, value: Value, args: readonly Value[]): Value {
  if (name === 'replace') return replaced(value, args)
  if (PASSING.has(name)) return passed(value, args)
  const change = CHANGES[name]
  if (!change) return value.data && !isText(value) && args.every((arg) => !isText(arg)) ? fromRequest : anything
  return isText(value) ? changed({ ...value, items: undefined }, change) : passed(value, [])
}

/** The value, what it holds, what was given as a default. */
const passed = (value: Value, args: readonly Value[]): Value =>
  union(
    value,
    ...(value.items ? [value.items] : []),
    ...args.map((arg) => allOf(arg)),
    value.data ? fromRequest : nothing,
  )

function replaced(value: Value, [from, to]: readonly Value[]): Value {
  const [pattern] = from?.texts ?? []
  const [replacement] = to?.texts ?? []
  const known = from?.texts.size === 1 && to?.texts.size === 1 && from.computed === 'none' && to.computed === 'none'
  if (!known || pattern === undefined || replacement === undefined) return { ...anything, data: value.data }
  const after = changed(value, (text) => text.replaceAll(pattern, () => replacement))
  return value.data && replacement.includes('_') ? union(after, anything) : after
}

/** Which pieces lie next to each other is not followed: only joining what is a single known text is. */
function joinedBy(separator: Value, list: Value): Value {
  const items = list.items ? allOf(list.items) : list
  const [only] = items.texts
  if (items.texts.size === 0 && items.computed === 'none' && !items.data) return nothing
  if (items.texts.size === 1 && only !== undefined && only.includes('_')) return anything
  return joined(items, union(nothing, separator, items, anything))
}

function pieces(value: Value, separator: Value | undefined): Value {
  const [by] = separator?.texts ?? []
  if (!isText(value)) return value.data ? fromRequest : nothing
  if (value.computed !== 'none' || separator?.texts.size !== 1 || by === undefined || by === '')
    return [...value.texts].some((text) => text.includes('_')) || value.computed === 'anything'
      ? anything
      : changed(value, (text) => text)
  return union(
    nothing,
    ...[...value.texts]
      .flatMap((text) => text.split(by))
      .map((text) => changed({ ...nothing, texts: new Set([text]) }, (t) => t)),
  )
}
