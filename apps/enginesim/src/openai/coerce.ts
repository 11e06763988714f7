/** Reading fields of a JSON body with pydantic's leniency: "2" is an integer, "true" a boolean, null leaves the default. */
import type { FieldError } from './problems.ts'

export class FieldReader {
  readonly errors: FieldError[] = []
  readonly #body: Record<string, unknown>
  readonly #loc: readonly (string | number)[]

  constructor(body: Record<string, unknown>, loc: readonly (string | number)[] = ['body']) {
    this.#body = body
    this.#loc = loc
  }

  raw(name: string): unknown {
    return this.#body[name]
  }

  has(name: string): boolean {
    return this.#body[name] !== undefined && this.#body[name] !== null
  }

  missing(name: string): void {
    this.errors.push({ type: 'missing', loc: [...this.#loc, name], msg: 'Field required', input: this.#body })
  }

  complain(name: string | readonly (string | number)[], type: string, msg: string, input: unknown): void {
    const path = typeof name === 'string' ? [name] : name
    this.errors.push({ type, loc: [...this.#loc, ...path], msg, input })
  }

  string(name: string): string | undefined {
    const value = this.raw(name)
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
    this.complain(name, 'string_type', 'Input should be a valid string', value)
    return undefined
  }

  integer(name: string): number | undefined {
    const value = this.raw(name)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value === 'number') {
      if (Number.isInteger(value)) return value
      this.complain(
        name,
        'int_from_float',
        'Input should be a valid integer, got a number with a fractional part',
        value,
      )
      return undefined
    }
    if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return Number(value)
    const [type, msg] =
      typeof value === 'string'
        ? ['int_parsing', 'Input should be a valid integer, unable to parse string as an integer']
        : ['int_type', 'Input should be a valid integer']
    this.complain(name, type, msg, value)
    return undefined
  }

  float(name: string): number | undefined {
    const value = this.raw(name)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value === 'number') return value
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
    const [type, msg] =
      typeof value === 'string'
        ? ['float_parsing', 'Input should be a valid number, unable to parse string as a number']
        : ['float_type', 'Input should be a valid number']
    this.complain(name, type, msg, value)
    return undefined
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name)
    if (value === undefined || value === null) return undefined
    if (typeof value === 'boolean') return value
    const text = String(value).toLowerCase()
    if (typeof value !== 'object' && TRUE.has(text)) return true
    if (typeof value !== 'object' && FALSE.has(text)) return false
    const [type, msg] =
      typeof value === 'object'
        ? ['bool_type', 'Input should be a valid boolean']
        : ['bool_parsing', 'Input should be a valid boolean, unable to interpret input']
    this.complain(name, type, msg, value)
    return undefined
  }

  object(name: string): Record<string, unknown> | undefined {
    const value = this.raw(name)
    if (value === undefined || value === null) return undefined
    if (isObject(value)) return value
    const msg = 'Input should be a valid dictionary or object to extract fields from'
    this.complain(name, 'model_attributes_type', msg, value)
    return undefined
  }
}

const TRUE = new Set(['true', 't', 'yes', 'y', 'on', '1'])
const FALSE = new Set(['false', 'f', 'no', 'n', 'off', '0'])

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
