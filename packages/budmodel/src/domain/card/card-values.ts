/** Values of a model card's metadata as they should be: what has another shape, or too much of it, is left out. */
import { printable } from '../file-path.ts'

/** The text, trimmed and with what cannot be seen made visible; null for anything else, and for nothing. */
export function textValue(value: unknown, maxCharacters = 200): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const text = printable(String(value).replaceAll(/\s+/g, ' ').trim().slice(0, maxCharacters))
  return text === '' ? null : text
}

/** One or several, each once. */
export function textValues(value: unknown, most = 100, maxCharacters = 200): string[] {
  const values: unknown[] = Array.isArray(value) ? value.slice(0, most) : [value]
  return [...new Set(values.flatMap((one) => textValue(one, maxCharacters) ?? []))]
}

/** A finite number, also one written as text such as "71.3" or "71.3 %". */
export function numberValue(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string') return null
  const written = /^([+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e[+-]?\d{1,3})?)\s?%?$/i.exec(
    value.trim().slice(0, 40),
  )
  const number = written ? Number(written[1]) : Number.NaN
  return Number.isFinite(number) ? number : null
}
