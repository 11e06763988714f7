/**
 * What a template's expressions can be, without running them: the texts it may build, so that a name that is put
 * together piece by piece ("__cla" ~ "ss__") is known as well as one that is written out.
 */

export interface Value {
  /** Every text it may be, as far as that is known. */
  texts: ReadonlySet<string>
  /**
   * Texts that the template computes in a way that is not followed: none; such as cannot begin with "_"; such as
   * begin with what the request holds; such as may be anything.
   */
  computed: 'none' | 'harmless' | 'mixed' | 'anything'
  /** It may be what the request holds: messages, tools. */
  data: boolean
  /** What a list, dict or namespace holds. */
  items: Value | undefined
  /** The largest number it is known to be. */
  number: number
}

const MAX_TEXTS = 64
const MAX_TEXT_LENGTH = 4096
const MAX_LEVELS = 4
const RANK = { none: 0, harmless: 1, mixed: 2, anything: 3 }

const NONE: ReadonlySet<string> = new Set()
export const nothing: Value = { texts: NONE, computed: 'none', data: false, items: undefined, number: 0 }
export const fromRequest: Value = { ...nothing, data: true }
export const anything: Value = { ...nothing, computed: 'anything' }

export const textValue = (...texts: string[]): Value => ofTexts(new Set(texts))
export const numberValue = (number: number): Value => ({ ...nothing, number: Number.isFinite(number) ? number : 1e300 })
export const listOf = (items: readonly Value[]): Value => ({ ...nothing, items: union(...items) })

function ofTexts(texts: ReadonlySet<string>): Value {
  if (texts.size > MAX_TEXTS) return anything
  for (const text of texts) if (text.length > MAX_TEXT_LENGTH) return longText(texts)
  return { ...nothing, texts }
}

const longText = (texts: ReadonlySet<string>): Value => ({
  ...nothing,
  computed: [...texts].some((text) => mayBeginUnderscored(text)) ? 'anything' : 'harmless',
})

/** Also full-width and other forms that Python's identifiers are folded from. */
export const mayBeginUnderscored = (text: string): boolean => /^\s*_/.test(text.normalize('NFKC'))

export function union(...values: readonly Value[]): Value {
  return unionAt(values, 0)
}

function unionAt(values: readonly Value[], level: number): Value {
  const [only] = values
  if (only && values.length === 1) return only
  const texts = new Set<string>()
  let computed: Value['computed'] = 'none'
  let data = false
  let number = 0
  const items: Value[] = []
  for (const value of values) {
    for (const text of value.texts) texts.add(text)
    if (RANK[value.computed] > RANK[computed]) computed = value.computed
    data ||= value.data
    number = Math.max(number, value.number)
    if (value.items) items.push(value.items)
  }
  const known = ofTexts(texts)
  return {
    texts: known.texts,
    computed: RANK[known.computed] > RANK[computed] ? known.computed : computed,
    data,
    number,
    items: items.length === 0 ? undefined : level >= MAX_LEVELS ? flatten(items) : unionAt(items, level + 1),
  }
}

const flatten = (values: readonly Value[]): Value =>
  unionAt(
    values.map((value) => ({ ...value, items: undefined })),
    0,
  )

/** Everything a value is or holds, at any depth. */
export function allOf(value: Value): Value {
  const levels: Value[] = []
  for (let level: Value | undefined = value; level; level = level.items) levels.push({ ...level, items: undefined })
  return union(...levels)
}

export const isText = (value: Value): boolean => value.texts.size > 0 || value.computed !== 'none'

/** `left ~ right`. */
export function joined(left: Value, right: Value): Value {
  const known = isKnown(left) && isKnown(right)
  if (known && left.texts.size * right.texts.size <= MAX_TEXTS)
    return ofTexts(new Set([...left.texts].flatMap((a) => [...right.texts].map((b) => a + b))))
  const beginnings = [left, ...(mayBeEmpty(left) ? [right] : [])]
  let computed: Value['computed'] = 'harmless'
  for (const value of beginnings) {
    const begins = beginningOf(value)
    if (RANK[begins] > RANK[computed]) computed = begins
  }
  return { ...nothing, computed }
}

const isKnown = (value: Value): boolean =>
  value.texts.size > 0 && value.computed === 'none' && !value.data && !value.items
const mayBeEmpty = (value: Value): boolean => value.texts.has('') || value.computed !== 'none' || value.data

function beginningOf(value: Value): Value['computed'] {
  if (value.computed === 'anything' || value.items || [...value.texts].some(mayBeginUnderscored)) return 'anything'
  if (value.computed === 'mixed' || value.data) return 'mixed'
  return 'harmless'
}

/** Each text changed by a known function; a text that is not known may become anything. */
export function changed(value: Value, change: (text: string) => string): Value {
  const known = ofTexts(new Set([...value.texts].map(change)))
  return value.computed === 'none' ? { ...known, data: value.data } : { ...anything, data: value.data }
}

/** One character of it, or some: which ones is not known. */
export function partOfText(value: Value): Value {
  const underscored =
    value.computed === 'anything' || [...value.texts].some((text) => text.normalize('NFKC').includes('_'))
  const computed = underscored
    ? 'anything'
    : value.computed === 'none' && value.texts.size > 0
      ? 'harmless'
      : value.computed
  return { ...nothing, computed, data: value.data }
}

/** What iterating over it gives. */
export const elementsOf = (value: Value): Value =>
  union(...(value.items ? [value.items] : []), partOfText({ ...value, items: undefined }))

export const sameValue = (a: Value, b: Value): boolean =>
  a === b ||
  (a.computed === b.computed &&
    a.data === b.data &&
    a.number === b.number &&
    a.texts.size === b.texts.size &&
    [...a.texts].every((text) => b.texts.has(text)) &&
    (a.items === undefined ? b.items === undefined : b.items !== undefined && sameValue(a.items, b.items)))
