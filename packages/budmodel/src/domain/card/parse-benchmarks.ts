/** Imports of quality scores, as CSV or JSON: all of them or none, with every problem and its place. */
import { createCsvReader } from '@bud/budsim'
import { invalidInput, messageOf, type Reason } from '@bud/kernel'
import { closestName } from '../policy/closest-name.ts'
import { benchmarkName } from './benchmark-names.ts'
import { numberValue } from './card-values.ts'
import { isRecord } from './front-matter.ts'

export interface ImportedBenchmark {
  /** Name of a model of the registry or the catalogue. */
  model: string
  benchmark: string
  metric: string | null
  score: number
  source: string | null
  /** ISO 8601 in UTC. */
  measured_at: string | null
  /** For messages: "line 4" of a CSV, "entry 3" of JSON. */
  place: string
}

const FIELDS = ['model', 'benchmark', 'score', 'metric', 'source', 'measured_at'] as const
type Field = (typeof FIELDS)[number]
const REQUIRED: readonly Field[] = ['model', 'benchmark', 'score']
const MAX_CHARACTERS = 5_000_000
const MAX_ROWS = 100_000
const MAX_PROBLEMS = 100
const LONGEST: Record<Exclude<Field, 'score' | 'measured_at'>, number> = {
  model: 96,
  benchmark: 100,
  metric: 100,
  source: 300,
}

/** Throws invalid-input whose reasons hold every problem (the first hundred of them). */
export function parseBenchmarks(format: 'csv' | 'json', content: string): ImportedBenchmark[] {
  if (content.length > MAX_CHARACTERS)
    throw refused([problem('too-large', `It is longer than ${MAX_CHARACTERS} characters.`)])
  const { rows, problems } = format === 'csv' ? csvRows(content) : jsonRows(content)
  const read = rows.map(readRow)
  const wrong = [...problems, ...read.flatMap((row) => row.problems), ...repeated(read)]
  if (wrong.length > 0) throw refused(wrong)
  if (rows.length === 0) throw refused([problem('no-scores', 'There is no score in it.')])
  return read.flatMap(({ row }) => row ?? [])
}

interface Row {
  values: Readonly<Record<string, unknown>>
  place: string
}

interface Rows {
  rows: Row[]
  problems: Reason[]
}

function csvRows(content: string): Rows {
  const reader = createCsvReader()
  const [header, ...records] = [...reader.push(content), ...reader.end()]
  if (!header) return { rows: [], problems: [] }
  const columns = header.fields.map((name) => name.trim().toLowerCase())
  const headerProblems = columnProblems(columns, `line ${header.line}`)
  if (headerProblems.length > 0) return { rows: [], problems: headerProblems }
  if (records.length > MAX_ROWS) return { rows: [], problems: [tooMany()] }
  const rows: Row[] = []
  const problems: Reason[] = []
  for (const { line, fields, problem: unreadable } of records) {
    const place = `line ${line}`
    const surplus = fields.length > columns.length ? `has ${fields.length} fields for ${columns.length} columns` : null
    const wrong = unreadable ?? surplus
    if (wrong !== null) problems.push(problem('malformed-row', `The row ${wrong}.`, place))
    else rows.push({ place, values: Object.fromEntries(columns.map((name, at) => [name, fields[at] ?? ''])) })
  }
  return { rows, problems }
}

function columnProblems(columns: readonly string[], place: string): Reason[] {
  const missing = REQUIRED.filter((name) => !columns.includes(name))
  const strangers = columns.filter((name) => !isField(name))
  const twice = columns.filter((name, at) => isField(name) && columns.indexOf(name) < at)
  return [
    ...missing.map((name) => problem('column-missing', `The column "${name}" is missing.`, place)),
    ...strangers.map((name) => unknownField(name, place)),
    ...twice.map((name) => problem('column-twice', `The column "${name}" is there twice.`, place)),
  ]
}

function jsonRows(content: string): Rows {
  let parsed: unknown
  try {
    parsed = JSON.parse(content)
  } catch (error) {
    return { rows: [], problems: [problem('malformed-json', `It is not JSON: ${messageOf(error).slice(0, 200)}.`)] }
  }
  const list = isRecord(parsed) ? parsed.benchmarks : parsed
  if (!Array.isArray(list)) {
    return {
      rows: [],
      problems: [problem('malformed-json', 'It is no list of scores: [{"model", "benchmark", "score"}, …].')],
    }
  }
  if (list.length > MAX_ROWS) return { rows: [], problems: [tooMany()] }
  const rows: Row[] = []
  const problems: Reason[] = []
  list.forEach((values: unknown, at) => {
    const place = `entry ${at + 1}`
    if (!isRecord(values)) problems.push(problem('malformed-row', 'It is no object.', place))
    else {
      rows.push({ values, place })
      problems.push(
        ...Object.keys(values)
          .filter((name) => !isField(name))
          .map((name) => unknownField(name, place)),
      )
    }
  })
  return { rows, problems }
}

function readRow({ values, place }: Row): { row: ImportedBenchmark | null; problems: Reason[] } {
  const problems: Reason[] = []
  const text = (name: keyof typeof LONGEST): string | null => {
    const value = values[name]
    if (value === undefined || value === null || value === '') {
      if (REQUIRED.includes(name)) problems.push(problem('value-missing', `The ${name} is missing.`, place, name))
      return null
    }
    const trimmed = typeof value === 'string' ? value.trim() : ''
    if (trimmed !== '' && trimmed.length <= LONGEST[name]) return trimmed
    const message = `The ${name} has to be a text of at most ${LONGEST[name]} characters.`
    problems.push(problem('value-invalid', message, place, name))
    return null
  }
  const [model, benchmark, metric, source] = [text('model'), text('benchmark'), text('metric'), text('source')]
  const score = numberValue(values.score)
  if (score === null) {
    problems.push(problem('score-invalid', `The score ${shown(values.score)} is not a finite number.`, place, 'score'))
  }
  const measured_at = instantOf(values.measured_at)
  if (measured_at === undefined) {
    const message = `The date ${shown(values.measured_at)} is not one such as 2026-03-31 or 2026-03-31T12:00:00Z.`
    problems.push(problem('date-invalid', message, place, 'measured_at'))
  }
  if (model === null || benchmark === null || score === null || measured_at === undefined)
    return { row: null, problems }
  return { row: { model, benchmark: benchmarkName(benchmark), metric, score, source, measured_at, place }, problems }
}

/** Null where none is given, undefined for what is no date. */
function instantOf(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') return undefined
  const written = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(
    value.trim(),
  )
  if (!written) return undefined
  const instant = new Date(written[0])
  const isDay =
    !Number.isNaN(instant.getTime()) && (written[0].length > 10 || instant.toISOString().startsWith(written[0]))
  return isDay ? instant.toISOString() : undefined
}

/** Two scores of one benchmark from one source: which holds is not for us to say. */
function repeated(read: readonly { row: ImportedBenchmark | null }[]): Reason[] {
  const first = new Map<string, string>()
  return read.flatMap(({ row }) => {
    if (!row) return []
    const key = JSON.stringify([row.model.toLowerCase(), row.benchmark, row.metric, row.source])
    const before = first.get(key)
    if (before === undefined) {
      first.set(key, row.place)
      return []
    }
    return [problem('score-twice', `It gives the same benchmark of ${row.model} again as ${before}.`, row.place)]
  })
}

const isField = (name: string): name is Field => FIELDS.some((field) => field === name)

const shown = (value: unknown): string => JSON.stringify(value ?? '').slice(0, 60)

const tooMany = (): Reason => problem('too-large', `It has more than ${MAX_ROWS} scores.`)

function unknownField(name: string, place: string): Reason {
  const near = closestName(name, FIELDS)
  const offer = near ? `Did you mean "${near}"?` : `Known are ${FIELDS.join(', ')}.`
  return problem('unknown-field', `There is no field "${name.slice(0, 60)}". ${offer}`, place)
}

const problem = (code: string, message: string, place?: string, path?: string): Reason => ({
  code,
  message,
  ...(path === undefined ? {} : { path }),
  ...(place === undefined ? {} : { evidence: place }),
  next_step: 'Correct it and import again; nothing was kept.',
})

function refused(problems: readonly Reason[]): Error {
  const told = problems.slice(0, MAX_PROBLEMS)
  const left = problems.length - told.length
  const reasons = left > 0 ? [...told, problem('more-problems', `${left} more problems are not listed.`)] : told
  const [first] = told
  const place = first?.evidence ? ` (${first.evidence})` : ''
  return invalidInput(
    `${problems.length === 1 ? 'A problem' : `${problems.length} problems`} in the scores: ${first?.message}${place}`,
    reasons,
  )
}
