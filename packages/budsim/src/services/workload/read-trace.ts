/** A trace of requests, JSON Lines or CSV, that arrives in pieces → the workload it is. */
import { invalidInput, type Reason } from '@bud/kernel'
import { createCsvReader } from '../../domain/csv.ts'
import { parseTraceLine, type TraceLine } from '../../domain/workload/trace-line.ts'
import { createTraceTotals, type TraceSummary } from '../../domain/workload/trace-summary.ts'
import type { TextSource } from '../rows/read-table.ts'

export interface Trace extends TraceSummary {
  /** Lines left out, named; at most MOST_PROBLEMS of them. */
  problems: Reason[]
  /** All lines left out. */
  skipped: number
}

type Fields = Record<string, unknown>
type Entry = { line: number } & ({ fields: Fields } | { problem: string })

const MOST_PROBLEMS = 10

/** Throws invalid-input when no line is a request. */
export async function readTrace(chunks: TextSource): Promise<Trace> {
  const totals = createTraceTotals()
  const cachedOf = createSeenPrefixes()
  const problems: Reason[] = []
  let skipped = 0
  for await (const entry of entriesOf(chunks)) {
    const parsed = 'problem' in entry ? entry : parseTraceLine(entry.fields)
    if ('request' in parsed) totals.add({ ...parsed.request, cached_tokens: cachedOf(parsed.request) })
    else if (skipped++ < MOST_PROBLEMS) {
      problems.push({
        code: 'invalid-line',
        message: `Line ${entry.line}: ${parsed.problem}.`,
        path: `line ${entry.line}`,
      })
    }
  }
  const summary = totals.summary()
  if (summary) return { ...summary, problems, skipped }
  const message = skipped === 0 ? 'The trace holds no request.' : 'No line of the trace is a request.'
  throw invalidInput(`${message}${problems[0] ? ` ${problems[0].message}` : ''}`, problems)
}

/** JSON Lines where the first line opens an object, else CSV with a header. */
async function* entriesOf(chunks: TextSource): AsyncGenerator<Entry> {
  let read: ((text: string | null) => Entry[]) | undefined
  for await (const chunk of chunks) {
    read ??= chunk.trimStart().startsWith('{') ? createJsonLines() : createCsvLines()
    yield* read(chunk)
  }
  yield* read?.(null) ?? []
}

function createJsonLines(): (text: string | null) => Entry[] {
  let rest = ''
  let line = 0
  return (text) => {
    const lines = `${rest}${text ?? '\n'}`.split('\n')
    rest = lines.pop() ?? ''
    return lines.flatMap((one) => {
      line++
      return one.trim() === '' ? [] : [{ line, ...fieldsOf(one) }]
    })
  }
}

function fieldsOf(text: string): { fields: Fields } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text.trim())
    if (!isObject(value)) return { problem: 'it is no JSON object' }
    const usage = isObject(value.usage) ? value.usage : {}
    const details = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
    return { fields: lowerCaseNames({ ...details, ...usage, ...value }) }
  } catch {
    return { problem: 'it is not JSON' }
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function createCsvLines(): (text: string | null) => Entry[] {
  const reader = createCsvReader()
  let names: string[] | undefined
  return (text) => {
    const records = text === null ? reader.end() : reader.push(text)
    const rows = names ? records : records.slice(1)
    names ??= records[0]?.fields.map((name) => name.trim())
    const known = names ?? []
    return rows.map(({ line, fields, problem }) =>
      problem
        ? { line, problem: `it ${problem}` }
        : { line, fields: lowerCaseNames(Object.fromEntries(known.map((name, i) => [name, fields[i]]))) },
    )
  }
}

const lowerCaseNames = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))

/** Tokens of a prompt that came before, as an unlimited cache would hold them; null where nothing tells. */
function createSeenPrefixes(): (request: TraceLine) => number | null {
  const seen = new Set<string>()
  return ({ cached_tokens, blocks, prefix, input_tokens }) => {
    if (cached_tokens !== null) return cached_tokens
    if (blocks && blocks.length > 0) {
      const fresh = blocks.findIndex((block) => !seen.has(block))
      for (const block of blocks) seen.add(block)
      return (input_tokens * (fresh < 0 ? blocks.length : fresh)) / blocks.length
    }
    if (!prefix) return null
    const known = seen.has(prefix.id)
    seen.add(prefix.id)
    return known ? prefix.tokens : 0
  }
}
