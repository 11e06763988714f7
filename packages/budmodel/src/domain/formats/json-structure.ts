/** What JSON.parse does not tell: depth, keys that stand twice in one object, numbers that programs read differently. */

const MAX_DEPTH = 200
/** 1e30 is written out in full as the length limit of many tokenizers. */
const MAX_NUMBER_LENGTH = 100

export type JsonOddity = { kind: 'too-deep' } | { kind: 'repeated-key'; key: string } | { kind: 'huge-number' }

/** The first oddity, in one pass and before anything is built from the text; it need not be valid JSON. */
export function findJsonOddity(text: string): JsonOddity | undefined {
  const open: (Set<string> | undefined)[] = []
  let odd: JsonOddity | undefined
  let string: [number, number] = [0, 0]
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === '"') {
      string = [at, endOfString(text, at)]
      at = string[1]
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : undefined)
      if (open.length > MAX_DEPTH) return { kind: 'too-deep' }
    } else if (char === '}' || char === ']') open.pop()
    else if (char === ':') odd ??= repeatedKey(open.at(-1), text.slice(string[0], string[1] + 1))
    else if (char >= '0' && char <= '9') {
      const end = endOfNumber(text, at)
      if (end - at > MAX_NUMBER_LENGTH || !Number.isFinite(Number(text.slice(at, end)))) odd ??= { kind: 'huge-number' }
      at = end - 1
    }
  }
  return odd
}

function repeatedKey(keys: Set<string> | undefined, quoted: string): JsonOddity | undefined {
  const key = keyOf(quoted)
  if (keys?.has(key)) return { kind: 'repeated-key', key }
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
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted
  }
}
