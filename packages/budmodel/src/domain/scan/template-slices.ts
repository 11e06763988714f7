/** Characters and slices of texts that are known, as Python takes them. */
import type { Expression } from '../formats/jinja-syntax.ts'
import { anything, changed, isText, joined, nothing, partOfText, union, type Value } from './template-values.ts'

export function characterAt(value: Value, index: Expression): Value {
  if (index.kind !== 'number' && !(index.kind === 'unary' && index.operand.kind === 'number'))
    return partOfText({ ...value, items: undefined, data: false })
  const place = index.kind === 'number' ? index.value : index.operand.kind === 'number' ? -index.operand.value : 0
  return changed({ ...value, data: false }, (text) => [...text].at(place) ?? '')
}

export function sliced(value: Value, { parts }: Expression & { kind: 'slice' }): Value {
  const rest: Value = { ...nothing, items: value.items, data: value.data }
  if (!isText(value)) return rest
  const [from, to, step] = parts.map((part) => numberIn(part))
  if (from === null || to === null || step === null) return union(rest, partOfText({ ...value, items: undefined }))
  return union(
    rest,
    changed({ ...value, items: undefined, data: false }, (text) => slice([...text], from, to, step ?? 1).join('')),
  )
}

/** Undefined: left out; null: not known. */
function numberIn(part: Expression | undefined): number | undefined | null {
  if (part === undefined || part.kind === 'constant') return undefined
  if (part.kind === 'number') return part.value
  if (part.kind === 'unary' && part.operator === '-' && part.operand.kind === 'number') return -part.operand.value
  return null
}

/** Python's slices. */
function slice(items: readonly string[], from: number | undefined, to: number | undefined, step: number): string[] {
  const { length } = items
  const clip = (place: number, low: number, high: number) =>
    Math.min(high, Math.max(low, place < 0 ? place + length : place))
  const result: string[] = []
  if (step > 0) {
    const end = clip(to ?? length, 0, length)
    for (let i = clip(from ?? 0, 0, length); i < end; i += step) result.push(items[i] ?? '')
  } else if (step < 0) {
    const end = to === undefined ? -1 : clip(to, -1, length - 1)
    for (let i = clip(from ?? length - 1, -1, length - 1); i > end; i += step) result.push(items[i] ?? '')
  }
  return result
}

export function repeated(a: Value, b: Value): Value {
  const list = union(...[a.items, b.items].flatMap((items) => items ?? []))
  const text = isText(a) ? a : b
  const times = isText(a) ? b.number : a.number
  if (a.items || b.items) return { ...nothing, items: list }
  return times > 0 && times <= 64 ? changed(text, (part) => part.repeat(times)) : joined(text, anything)
}
