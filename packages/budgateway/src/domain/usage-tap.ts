/** Reads token counts from an answer as it passes: out of a JSON body, or out of a stream's usage chunk. */
import { skipSpace, skipValue } from './json-members.ts'

export interface TokenCounts {
  prompt_tokens: number | null
  completion_tokens: number | null
}

/** What passes an answer's bytes on. `push` and `end` return what the client gets now, undefined for nothing. */
export interface AnswerTap {
  push(chunk: Buffer): Buffer | undefined
  end(): Buffer | undefined
  readonly tokens: TokenCounts | undefined
}

const NEEDLE = Buffer.from('"usage"')
const COLON = 0x3a
const OPEN_BRACE = 0x7b
/** Kept of a JSON body between chunks, for a usage object that lies across them. */
const JSON_TAIL_BYTES = 4096
/** An event longer than this passes unread. */
const EVENT_MAX_BYTES = 1 << 20

/** For bodies that are not read: errors, other content types. */
export const createBlindTap = (): AnswerTap => ({ push: (chunk) => chunk, end: () => undefined, tokens: undefined })

/** For a JSON body: passes every byte at once, keeps only a short tail. */
export function createJsonTap(): AnswerTap {
  let tail: Buffer | undefined
  let tokens: TokenCounts | undefined
  return {
    push(chunk) {
      const seen = tail ? Buffer.concat([tail, chunk]) : chunk
      tokens = lastUsage(seen) ?? tokens
      tail = seen.length > JSON_TAIL_BYTES ? seen.subarray(seen.length - JSON_TAIL_BYTES) : seen
      return chunk
    },
    end: () => undefined,
    get tokens() {
      return tokens
    },
  }
}

/**
 * For server-sent events: passes whole events at once and holds back only an unfinished one, which no client could
 * use anyway. With `stripUsage` the chunk that carries nothing but usage is left out.
 */
export function createEventTap({ stripUsage }: { stripUsage: boolean }): AnswerTap {
  let unfinished: Buffer | undefined
  let tokens: TokenCounts | undefined

  const readEvents = (events: Buffer): Buffer | undefined => {
    if (findUsage(events, 0) < 0) return events
    const kept: Buffer[] = []
    for (let start = 0; start < events.length; ) {
      const end = nextEventEnd(events, start)
      const event = events.subarray(start, end)
      const usage = usageOfEvent(event)
      if (usage) tokens = usage.tokens
      if (!(stripUsage && usage?.alone)) kept.push(event)
      start = end
    }
    return kept.length > 0 ? Buffer.concat(kept) : undefined
  }

  return {
    push(chunk) {
      const seen = unfinished ? Buffer.concat([unfinished, chunk]) : chunk
      unfinished = undefined
      if (endsWithEvent(seen)) return readEvents(seen)
      const cut = lastEventEnd(seen)
      const rest = seen.subarray(cut)
      const events = cut > 0 ? readEvents(seen.subarray(0, cut)) : undefined
      if (rest.length > EVENT_MAX_BYTES) return events ? Buffer.concat([events, rest]) : rest
      unfinished = rest
      return events
    },
    end() {
      const rest = unfinished
      unfinished = undefined
      return rest && readEvents(rest)
    },
    get tokens() {
      return tokens
    },
  }
}

/** Offset of the `{` of the next `"usage": {` from `from` on, or -1. Inside JSON strings the quotes are escaped, so this is a key. */
function findUsage(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(NEEDLE, from); at >= 0; at = bytes.indexOf(NEEDLE, at + 1)) {
    const colon = skipSpace(bytes, at + NEEDLE.length)
    if (bytes[colon] !== COLON) continue
    const brace = skipSpace(bytes, colon + 1)
    if (bytes[brace] === OPEN_BRACE) return brace
  }
  return -1
}

function lastUsage(bytes: Buffer): TokenCounts | undefined {
  let found: TokenCounts | undefined
  for (let brace = findUsage(bytes, 0); brace >= 0; brace = findUsage(bytes, brace)) {
    const end = skipValue(bytes, brace)
    if (end < 0) break
    found = toTokenCounts(parseJson(bytes.toString('utf8', brace, end))) ?? found
  }
  return found
}

function usageOfEvent(event: Buffer): { tokens: TokenCounts; alone: boolean } | undefined {
  if (findUsage(event, 0) < 0) return undefined
  const data = event
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
    .join('\n')
  const chunk = parseJson(data) as { choices?: unknown; usage?: unknown } | undefined
  const tokens = toTokenCounts(chunk?.usage)
  return tokens && { tokens, alone: Array.isArray(chunk?.choices) && chunk.choices.length === 0 }
}

function toTokenCounts(usage: unknown): TokenCounts | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined
  const { prompt_tokens, completion_tokens } = usage as Record<string, unknown>
  const counts = { prompt_tokens: toCount(prompt_tokens), completion_tokens: toCount(completion_tokens) }
  return counts.prompt_tokens === null && counts.completion_tokens === null ? undefined : counts
}

const toCount = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const endsWithEvent = (bytes: Buffer): boolean => bytes.at(-1) === 0x0a && lastEventEnd(bytes) === bytes.length

function lastEventEnd(bytes: Buffer): number {
  const plain = bytes.lastIndexOf('\n\n')
  const windows = bytes.lastIndexOf('\r\n\r\n')
  return Math.max(plain < 0 ? 0 : plain + 2, windows < 0 ? 0 : windows + 4)
}

function nextEventEnd(bytes: Buffer, from: number): number {
  const plain = bytes.indexOf('\n\n', from)
  const windows = bytes.indexOf('\r\n\r\n', from)
  const ends = [plain < 0 ? bytes.length : plain + 2, windows < 0 ? bytes.length : windows + 4]
  return Math.min(...ends)
}
