/**
 * Prometheus' text format, read for the few families a caller wants: an engine exposes some forty, of which the
 * product needs ten, and most of a scrape's cost is what one does not skip.
 */

export interface Sample {
  labels: Readonly<Record<string, string>>
  value: number
}

/** Samples by exposed name, `_bucket` and `_total` included. Names without samples are absent. */
export type Exposition = ReadonlyMap<string, readonly Sample[]>

const NEWLINE = 10
const SPACE = 32
const TAB = 9
const QUOTE = 34
const HASH = 35
const COMMA = 44
const BACKSLASH = 92
const BRACE_OPEN = 123
const BRACE_CLOSE = 125

/**
 * The samples of `names`. Tolerant: comments, timestamps and exemplars are passed over, a line that does not parse
 * is left out, and text that is no exposition at all gives an empty map.
 */
export function parseExposition(text: string, names: ReadonlySet<string>): Exposition {
  const found = new Map<string, Sample[]>()
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    if (text.charCodeAt(start) !== HASH) readLine(text, start, end, names, found)
    start = end + 1
  }
  return found
}

function readLine(text: string, start: number, end: number, names: ReadonlySet<string>, found: Map<string, Sample[]>) {
  let cursor = start
  while (cursor < end && !isNameEnd(text.charCodeAt(cursor))) cursor++
  const name = text.slice(start, cursor)
  if (!names.has(name)) return
  const labels: Record<string, string> = {}
  if (text.charCodeAt(cursor) === BRACE_OPEN) {
    cursor = readLabels(text, cursor + 1, end, labels)
    if (cursor === -1) return
  }
  const value = readValue(text, cursor, end)
  if (value === undefined) return
  const samples = found.get(name)
  if (samples) samples.push({ labels, value })
  else found.set(name, [{ labels, value }])
}

const isNameEnd = (code: number): boolean => code === BRACE_OPEN || isBlank(code)
const isBlank = (code: number): boolean => code === SPACE || code === TAB

/** Fills `labels`; answers the place after "}", or −1 when the braces do not close in this line. */
function readLabels(text: string, start: number, end: number, labels: Record<string, string>): number {
  let cursor = start
  while (cursor < end) {
    const code = text.charCodeAt(cursor)
    if (code === BRACE_CLOSE) return cursor + 1
    if (code === COMMA || isBlank(code)) {
      cursor++
      continue
    }
    const equals = text.indexOf('=', cursor)
    if (equals === -1 || text.charCodeAt(equals + 1) !== QUOTE) return -1
    const close = closingQuote(text, equals + 2, end)
    if (close === -1) return -1
    labels[text.slice(cursor, equals).trimEnd()] = unescapeLabel(text.slice(equals + 2, close))
    cursor = close + 1
  }
  return -1
}

function closingQuote(text: string, start: number, end: number): number {
  for (let cursor = start; cursor < end; cursor++) {
    const code = text.charCodeAt(cursor)
    if (code === BACKSLASH) cursor++
    else if (code === QUOTE) return cursor
  }
  return -1
}

const unescapeLabel = (value: string): string =>
  value.includes('\\') ? value.replace(/\\(.)/g, (_, code: string) => (code === 'n' ? '\n' : code)) : value

function readValue(text: string, start: number, end: number): number | undefined {
  let from = start
  while (from < end && isBlank(text.charCodeAt(from))) from++
  let to = from
  while (to < end && text.charCodeAt(to) > SPACE && text.charCodeAt(to) !== NEWLINE) to++
  return parseNumber(text.slice(from, to))
}

/** A sample's value or a bucket's `le`: `undefined` for what is no number, among them NaN (a figure nobody knows). */
export function parseNumber(word: string): number | undefined {
  if (word === '+Inf' || word === 'Inf') return Number.POSITIVE_INFINITY
  if (word === '-Inf') return Number.NEGATIVE_INFINITY
  const value = Number(word)
  return word === '' || Number.isNaN(value) ? undefined : value
}
