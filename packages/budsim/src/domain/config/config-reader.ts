/** Reads untrusted config.json fields under their many names and collects every problem instead of stopping at one. */
import type { Reason } from '@bud/kernel'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface ConfigReader {
  /** The first of these names that holds a positive integer; a wrong type under one of them is a problem. */
  integer(...names: string[]): number | undefined
  /** Like `integer`, and a problem when none is there. */
  required(label: string, names: string[], fallback?: number): number
  /** Zero or more; lists (per layer) answer their largest. */
  count(...names: string[]): number | undefined
  text(name: string): string | undefined
  flag(...names: string[]): boolean | undefined
  strings(name: string): string[] | undefined
  numbers(name: string): number[] | undefined
  object(name: string): JsonObject | undefined
  has(name: string): boolean
  problem(reason: Reason): void
}

/** No width, count or vocabulary of a real model comes near. */
const MAX_INTEGER = 1e8

export function createConfigReader(config: JsonObject, prefix: string, problems: Reason[]): ConfigReader {
  const problem = (reason: Reason) => {
    if (!problems.some((known) => known.code === reason.code && known.path === reason.path)) problems.push(reason)
  }
  const wrong = (name: string, wanted: string) =>
    problem({
      code: 'invalid-config-field',
      message: `config.json: ${prefix}${name} is ${describe(config[name])}, expected ${wanted}.`,
      path: `${prefix}${name}`,
    })
  const numeric = (name: string, lowest: number): number | undefined => {
    const raw = config[name]
    if (raw === undefined || raw === null) return undefined
    const value = Array.isArray(raw) ? Math.max(...raw.filter((item) => typeof item === 'number')) : raw
    if (typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= MAX_INTEGER) return value
    wrong(name, lowest > 0 ? 'a positive integer' : 'an integer of 0 or more')
    return undefined
  }
  const first = (names: string[], lowest: number) => {
    for (const name of names) {
      const value = numeric(name, lowest)
      if (value !== undefined) return value
    }
    return undefined
  }
  const list = (name: string, type: 'string' | 'number'): unknown[] | undefined => {
    const raw = config[name]
    if (raw === undefined || raw === null) return undefined
    if (Array.isArray(raw) && raw.every((item) => typeof item === type)) return raw
    wrong(name, `a list of ${type}s`)
    return undefined
  }
  return {
    integer: (...names) => first(names, 1),
    required(label, names, fallback) {
      const before = problems.length
      const value = first(names, 1) ?? fallback
      if (value === undefined && problems.length === before) {
        problem({
          code: 'missing-config-field',
          message: `config.json does not state the ${label} (looked for ${names.map((name) => prefix + name).join(', ')}).`,
          path: `${prefix}${names[0]}`,
        })
      }
      return value ?? 1
    },
    count: (...names) => first(names, 0),
    text: (name) => (typeof config[name] === 'string' ? config[name] : undefined),
    flag(...names) {
      for (const name of names) if (typeof config[name] === 'boolean') return config[name]
      return undefined
    },
    strings: (name) => list(name, 'string') as string[] | undefined,
    numbers: (name) => list(name, 'number') as number[] | undefined,
    object: (name) => (isObject(config[name]) ? config[name] : undefined),
    has: (name) => config[name] !== undefined && config[name] !== null,
    problem,
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 40 ? `${text.slice(0, 37)}…` : text
}
