/** One request of a trace, by any of the names that servers, gateways and published traces give its fields. */
import type { TraceRequest } from './trace-summary.ts'

/** A request, and what tells how much of its prompt came before. */
export interface TraceLine extends TraceRequest {
  /** Hashes of the prompt's blocks of tokens, in order. */
  blocks: readonly string[] | null
  /** Requests of one prefix share its first tokens. */
  prefix: { id: string; tokens: number } | null
}

const INPUT = ['input_tokens', 'prompt_tokens', 'num_prompt_tokens', 'isl', 'input_length', 'contexttokens']
const OUTPUT = ['output_tokens', 'completion_tokens', 'num_output_tokens', 'osl', 'output_length', 'generatedtokens']
const SECONDS = ['arrival_s', 'timestamp_s', 'arrival_time', 'arrived_at']
const MILLISECONDS = ['arrival_ms', 'timestamp_ms']
const MOMENTS = ['timestamp', 'time', 'created_at', 'created', 'started_at']
/** Numbers above this are milliseconds since 1970, not seconds. */
const EPOCH_MS = 1e11
const MOST_TOKENS = 2_000_000

const ARRIVAL = [...SECONDS, ...MILLISECONDS, ...MOMENTS]

type Fields = Readonly<Record<string, unknown>>

/** `fields` by lower-case name. The problem names the field. */
export function parseTraceLine(fields: Fields): { request: TraceLine } | { problem: string } {
  const input = tokensOf(fields, INPUT, 1)
  const output = tokensOf(fields, OUTPUT, 0)
  const arrival = arrivalOf(fields)
  const problems = [input, output, arrival].filter((value): value is string => typeof value === 'string')
  if (typeof input === 'string' || typeof output === 'string' || typeof arrival === 'string') {
    return { problem: problems.join(', ') }
  }
  return {
    request: {
      input_tokens: input,
      output_tokens: output,
      arrival_s: arrival,
      cached_tokens: numberOf(fields.cached_tokens ?? fields.cached_prompt_tokens),
      blocks: blocksOf(fields.hash_ids ?? fields.block_hashes),
      prefix: prefixOf(fields),
    },
  }
}

function tokensOf(fields: Fields, names: readonly string[], least: number): number | string {
  const name = names.find((one) => isStated(fields[one]))
  if (name === undefined) return `none of ${names.join(', ')} is there`
  const value = numberOf(fields[name])
  const fine = value !== null && Number.isInteger(value) && value >= least && value <= MOST_TOKENS
  return fine ? value : `${name} ${shown(fields[name])} is no number of tokens`
}

function arrivalOf(fields: Fields): number | null | string {
  const name = ARRIVAL.find((one) => isStated(fields[one]))
  if (name === undefined) return null
  const value = numberOf(fields[name])
  if (value !== null) return value / (isMilliseconds(name, value, fields) ? 1000 : 1)
  const moment = Date.parse(String(fields[name]))
  return Number.isNaN(moment) ? `${name} ${shown(fields[name])} is no time` : moment / 1000
}

/** Published traces with block hashes count their bare `timestamp` in milliseconds (Mooncake's form). */
const isMilliseconds = (name: string, value: number, fields: Fields): boolean =>
  MILLISECONDS.includes(name) || (MOMENTS.includes(name) && (value > EPOCH_MS || isStated(fields.hash_ids)))

const isStated = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

function numberOf(value: unknown): number | null {
  if (!isStated(value) || typeof value === 'object') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/** A list, or in a CSV cell words. */
function blocksOf(value: unknown): string[] | null {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' && value.trim() !== '' ? value.trim().split(/[\s;|]+/) : null
}

function prefixOf(fields: Fields): TraceLine['prefix'] {
  const id = fields.prefix_id ?? fields.prefix_hash
  const tokens = numberOf(fields.prefix_tokens ?? fields.prefix_length)
  return isStated(id) && tokens !== null && tokens > 0 ? { id: String(id), tokens } : null
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 40) ?? 'undefined'
