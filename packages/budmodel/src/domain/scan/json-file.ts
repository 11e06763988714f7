/** Reads a JSON file that was not written by a friend: two readers must not see two different things in it. */
import { findJsonOddity, type JsonOddity } from '../formats/json-structure.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { type Finding, finding } from './scan-report.ts'

const MAX_JSON_BYTES = 16 * 1024 * 1024

type JsonRead = { ok: true; value: unknown } | { ok: false; findings: Finding[] }

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
  const oddity = findJsonOddity(text)
  if (oddity?.kind === 'too-deep') return refuse('config-unreadable', 'is nested too deep')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('config-unreadable', 'is not valid JSON')
  }
  return oddity ? refuse(...told(oddity)) : { ok: true, value }
}

const told = (oddity: JsonOddity): [rule: string, what: string] =>
  oddity.kind === 'repeated-key'
    ? [
        'config-duplicate-key',
        `has the key ${JSON.stringify(oddity.key.slice(0, 80))} twice; which one counts depends on the program`,
      ]
    : ['config-huge-number', 'holds a number that programs read differently']
