/** Reads a JSON file that was not written by a friend: two readers must not see two different things in it. */
import type { RangedFile } from '../formats/ranged-file.ts'
import { type Finding, finding } from './scan-report.ts'

export const MAX_JSON_BYTES = 16 * 1024 * 1024
const MAX_DEPTH = 200
/** 1e30 is written out in full as the length limit of many tokenizers. */
const MAX_NUMBER_LENGTH = 100
type JsonRead = { ok: true; value: unknown; findings: Finding[] } | { ok: false; findings: Finding[] }

/** Never throws for what the file holds; what is not ok is not covered. */
export async function readJsonFile(file: RangedFile, maxBytes = MAX_JSON_BYTES): Promise<JsonRead> {
  const refuse = (rule: string, what: string): JsonRead => ({
    ok: false,
    findings: [finding('warn', rule, `${file.path} ${what}.`)],
  })
  if (file.bytes > maxBytes) return refuse('config-too-large', `is larger than ${maxBytes} bytes`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.read(0, file.bytes))
  } catch {
    return refuse('config-unreadable', 'is not UTF-8 text')
  }
  const problem = oddStructure(text)
  if (problem?.isFatal) return refuse('config-unreadable', problem.what)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('config-unreadable', 'is not valid JSON')
  }
  if (problem) return refuse(problem.rule, problem.what)
  return { ok: true, value, findings: [] }
}

interface Problem {
  rule: string
  what: string
  /** It must not be parsed at all. */
  isFatal: boolean
}

/** Depth, keys that stand twice in one object, numbers that no reader can hold: before anything is built from it. */
function oddStructure(text: string): Problem | undefined {
  const open: (Set<string> | undefined)[] = []
  let odd: Problem | undefined
  let string: [number, number] = [0, 0]
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === '"') {
      string = [at, endOfString(text, at)]
      at = string[1]
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : undefined)
      if (open.length > MAX_DEPTH)
        return { rule: 'config-unreadable', what: `is nested deeper than ${MAX_DEPTH} levels`, isFatal: true }
    } else if (char === '}' || char === ']') open.pop()
    else if (char === ':') odd ??= repeatedKey(open.at(-1), text.slice(string[0], string[1] + 1))
    else if (char >= '0' && char <= '9') {
      const end = endOfNumber(text, at)
      if (end - at > MAX_NUMBER_LENGTH || !Number.isFinite(Number(text.slice(at, end))))
        odd ??= { rule: 'config-huge-number', what: 'holds a number that programs read differently', isFatal: false }
      at = end - 1
    }
  }
  return odd
}

function repeatedKey(keys: Set<string> | undefined, quoted: string): Problem | undefined {
  const key = keyOf(quoted)
  if (keys?.has(key)) {
    const what = `has the key ${JSON.stringify(key.slice(0, 80))} twice; which one counts depends on the program`
    return { rule: 'config-duplicate-key', what, isFatal: false }
  }
  keys?.add(key)
  return undefined
}

/** Of its closing quote; the text's end when there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function endOfNumber(text: string, start: number): number {
  let at = start
  while (at < text.length && '0123456789.eE+-'.includes(text[at] ?? ' ')) at++
  return at
}

function keyOf(quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}
