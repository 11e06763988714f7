/**
 * CSV as people and programs write it (RFC 4180, lines end in LF or CRLF), read piece by piece. What is wrong with one
 * record is that record's problem, and the next line is read again: a library would give up, or swallow the rest of the
 * file, at the first stray quote.
 */

export interface CsvRecord {
  /** Of the file, from 1; the first one where quoted fields span several. */
  line: number
  fields: string[]
  /** What makes the record unreadable; its fields are then those of its first line, split at commas. */
  problem: string | null
}

export interface CsvReader {
  push(text: string): CsvRecord[]
  end(): CsvRecord[]
}

/** Rows as records by header name; a field missing at a row's end is ''. */
export function parseCsv(text: string): Record<string, string>[] {
  const reader = createCsvReader()
  const [header, ...rows] = [...reader.push(text), ...reader.end()]
  if (!header) return []
  return rows.map(({ fields }) => Object.fromEntries(header.fields.map((name, i) => [name, fields[i] ?? ''])))
}

/** A field as it is written: quoted where it must be. */
export const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Longer records are refused: an unclosed quote costs one record, and memory stays flat. */
const MOST_CHARACTERS = 1 << 20
/** Of an unreadable line, as much as may hold its first fields. */
const SHOWN_CHARACTERS = 4096

/** Empty lines are no records. */
export function createCsvReader(): CsvReader {
  let rest = ''
  let line = 1
  let insideTooLong = false

  function read(final: boolean): CsvRecord[] {
    const records: CsvRecord[] = []
    let at = 0
    while (at < rest.length) {
      const newline = rest.indexOf('\n', at)
      const lineEnd = newline < 0 ? rest.length : newline
      const nextLine = newline < 0 ? rest.length : newline + 1
      const tooLong = lineEnd - at > MOST_CHARACTERS
      if (insideTooLong) {
        insideTooLong = newline < 0
        line += newline < 0 ? 0 : 1
        at = nextLine
        continue
      }
      if (newline < 0 && !final && !tooLong) break
      const scanned = tooLong ? TOO_LONG : scanRecord(rest, at, lineEnd, final)
      if (scanned === 'incomplete') break
      const next = 'fields' in scanned ? Math.max(scanned.next, nextLine) : nextLine
      const record = toRecord(scanned, line, rest.slice(at, Math.min(lineEnd, at + SHOWN_CHARACTERS)))
      if (record.fields.length > 1 || record.fields[0] !== '') records.push(record)
      insideTooLong = tooLong && newline < 0
      line += next === nextLine ? 1 : countNewlines(rest, at, next)
      at = next
    }
    rest = rest.slice(at)
    return records
  }

  return {
    push(text) {
      rest += line === 1 && rest === '' ? withoutByteOrderMark(text) : text
      return read(false)
    },
    end: () => read(true),
  }
}

type Scanned = { fields: string[]; next: number } | { problem: string } | 'incomplete'

const TOO_LONG = { problem: `is longer than ${MOST_CHARACTERS} characters` }
const UNCLOSED = { problem: 'opens a quote that is not closed' }
const AFTER_QUOTE = { problem: 'has text behind a closing quote' }

const toRecord = (scanned: Exclude<Scanned, 'incomplete'>, line: number, shown: string): CsvRecord =>
  'fields' in scanned
    ? { line, fields: scanned.fields, problem: null }
    : { line, fields: withoutReturn(shown).split(','), problem: scanned.problem }

const withoutByteOrderMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text)
const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text)

/** One record from `at`; `lineEnd` is where its first line ends. */
function scanRecord(text: string, at: number, lineEnd: number, final: boolean): Scanned {
  const first = text.slice(at, lineEnd)
  if (!first.includes('"')) return { fields: withoutReturn(first).split(','), next: lineEnd + 1 }
  const fields: string[] = []
  let from = at
  for (;;) {
    const field = text[from] === '"' ? quotedField(text, from, final) : bareField(text, from)
    if (field === 'incomplete' || 'problem' in field) return field
    fields.push(field.value)
    if (text[field.end] !== ',') return { fields, next: field.end + 1 }
    from = field.end + 1
  }
}

type Field = { value: string; end: number } | { problem: string } | 'incomplete'

function bareField(text: string, from: number): Field {
  let end = from
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++
  const ends = text[end] !== ','
  return { value: ends ? withoutReturn(text.slice(from, end)) : text.slice(from, end), end }
}

function quotedField(text: string, open: number, final: boolean): Field {
  let close = text.indexOf('"', open + 1)
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
  const cut = close < 0 || (close + 2 >= text.length && !final)
  if (cut) return final || text.length - open > MOST_CHARACTERS ? UNCLOSED : 'incomplete'
  if (close - open > MOST_CHARACTERS) return TOO_LONG
  const value = text.slice(open + 1, close).replaceAll('""', '"')
  const end = text[close + 1] === '\r' ? close + 2 : close + 1
  return end >= text.length || text[end] === ',' || text[end] === '\n' ? { value, end } : AFTER_QUOTE
}

function countNewlines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}
