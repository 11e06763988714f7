/** The URL is the state: what is read from it is checked, and what makes no sense is left out. */

export type RawSearch = Record<string, unknown>

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function oneOf<const T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((one) => one === value)
}

/** A whole number within the bounds; anything else is left out. */
export function integerOf(value: unknown, min: number, max: number): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max ? number : undefined
}

export const flagOf = (value: unknown): true | undefined => (value === true || value === 'true' ? true : undefined)

/** A number from 0 on, or from `min` on; anything else is left out. */
export function amountOf(value: unknown, min = 0): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= min ? number : undefined
}

/** Several choices in one parameter, separated by commas; each once, in the order they were made. */
export const listOf = (text: string | undefined): string[] => [
  ...new Set(
    (text ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]

/** The opposite of `listOf`; nothing chosen leaves the parameter out. */
export const toList = (values: readonly string[]): string | undefined => values.join(',') || undefined
