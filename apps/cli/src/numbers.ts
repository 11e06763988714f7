/** Numbers from the command line: wrong ones are named, not silently NaN. */
import { invalidInput } from '@bud/kernel'
import { text, type Values } from './verb.ts'

export function number(options: Values, name: string, flag: string): number | undefined {
  const value = text(options, name)
  return value === undefined ? undefined : parseNumber(value, flag)
}

export function wholeOption(options: Values, name: string, flag: string): number | undefined {
  const value = text(options, name)
  return value === undefined ? undefined : parseWhole(value, flag)
}

function parseWhole(value: string, what: string): number {
  const parsed = parseNumber(value, what)
  if (!Number.isInteger(parsed)) throw invalidInput(`${what} must be a whole number, not "${value}".`)
  return parsed
}

/** Of things there must be at least one of. */
export function parseCount(value: string, what: string): number {
  const parsed = parseWhole(value, what)
  if (parsed < 1) throw invalidInput(`${what} must be at least 1, not ${value}.`)
  return parsed
}

function parseNumber(value: string, what: string): number {
  const parsed = Number(value)
  if (value.trim() === '' || !Number.isFinite(parsed)) throw invalidInput(`${what} must be a number, not "${value}".`)
  return parsed
}
