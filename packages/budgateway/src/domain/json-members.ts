/**
 * Finds the top-level members of a JSON object without building its values, so that a request of megabytes can be
 * routed and have a few fields replaced while the rest passes through byte for byte.
 */

export interface JsonMember {
  key: string
  valueStart: number
  /** Offset after the value. */
  valueEnd: number
}

export interface JsonObjectLayout {
  members: JsonMember[]
  /** Offset of the closing brace. */
  closingBrace: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Strings longer than this are skipped with a native search. */
const SHORT_STRING_BYTES = 32

/**
 * undefined: this is not a JSON object, as far as the top level shows. Nested values are skipped by their quotes and
 * brackets only: whether they are well formed is for whoever parses them.
 */
export function scanJsonObject(json: Buffer): JsonObjectLayout | undefined {
  const members: JsonMember[] = []
  let at = skipSpace(json, 0)
  if (json[at] !== OPEN_BRACE) return undefined
  at = skipSpace(json, at + 1)
  if (json[at] === CLOSE_BRACE) return isSpaceOnly(json, at + 1) ? { members, closingBrace: at } : undefined
  for (;;) {
    if (json[at] !== QUOTE) return undefined
    const keyEnd = stringEnd(json, at + 1)
    if (keyEnd < 0) return undefined
    const key = parseKey(json, at, keyEnd + 1)
    at = skipSpace(json, keyEnd + 1)
    if (key === undefined || json[at] !== COLON) return undefined
    const valueStart = skipSpace(json, at + 1)
    const valueEnd = skipValue(json, valueStart)
    if (valueEnd < 0) return undefined
    members.push({ key, valueStart, valueEnd })
    at = skipSpace(json, valueEnd)
    if (json[at] === CLOSE_BRACE) return isSpaceOnly(json, at + 1) ? { members, closingBrace: at } : undefined
    if (json[at] !== COMMA) return undefined
    at = skipSpace(json, at + 1)
  }
}

/** Offset after the value that starts at `start`; -1 when it does not end. */
export function skipValue(json: Buffer, start: number): number {
  const first = json[start]
  if (first === QUOTE) return stringEnd(json, start + 1) + 1 || -1
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(json, start)
  let at = start
  while (at < json.length && !endsPrimitive(json[at])) at++
  return at > start ? at : -1
}

export function skipSpace(json: Buffer, start: number): number {
  let at = start
  while (isSpace(json[at])) at++
  return at
}

function skipNested(json: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < json.length; at++) {
    const byte = json[at]
    if (byte === QUOTE) {
      at = stringEnd(json, at + 1)
      if (at < 0) return -1
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1
  }
  return -1
}

/** Offset of the quote that closes the string whose content starts at `start`, or -1. */
function stringEnd(json: Buffer, start: number): number {
  let at = start
  const near = Math.min(start + SHORT_STRING_BYTES, json.length)
  for (; at < near; at++) {
    const byte = json[at]
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) at++
  }
  for (let from = at; ; ) {
    const quote = json.indexOf(QUOTE, from)
    if (quote < 0) return -1
    let backslashes = 0
    while (quote - 1 - backslashes >= from && json[quote - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return quote
    from = quote + 1
  }
}

function parseKey(json: Buffer, start: number, end: number): string | undefined {
  const text = json.toString('utf8', start, end)
  if (!text.includes('\\')) return text.slice(1, -1)
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const endsPrimitive = (byte: number | undefined) =>
  byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte === COLON || byte === QUOTE || isSpace(byte)
const isSpaceOnly = (json: Buffer, start: number) => skipSpace(json, start) === json.length
