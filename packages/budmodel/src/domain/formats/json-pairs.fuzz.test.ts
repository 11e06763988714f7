/** A pair that Python's JSON reader would see is found, however it is escaped, spaced and surrounded. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { type JsonPair, pairsIn, windowsOf } from './json-pairs.ts'
import { fileInMemory } from './ranged-file.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_106 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }
const KEYS = new Set(['class_name', 'module'])

async function pairsOf(content: Uint8Array): Promise<JsonPair[]> {
  const pairs: JsonPair[] = []
  for await (const { bytes, start, own } of windowsOf(fileInMemory('a', content)))
    pairs.push(...pairsIn(bytes, start, own, KEYS))
  return pairs
}

/** A text as JSON, each letter escaped or not. */
const escaped = (text: string, which: readonly boolean[]): string =>
  [...text]
    .map((char, i) => (which[i % which.length] ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char))
    .join('')

const blanks = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 8 })

it('finds a pair in any bytes', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      fc.stringMatching(/^[a-zA-Z_.]{0,20}$/),
      blanks,
      blanks,
      async (before, which, value, first, second) => {
        const pair = `"${escaped('class_name', which)}"${first}:${second}"${escaped(value, which)}"`
        const content = Buffer.concat([before, Buffer.from(pair), before])
        expect(await pairsOf(content)).toContainEqual({
          key: 'class_name',
          value,
          isWhole: true,
          offset: before.length,
        })
      },
    ),
    RUNS,
  ),
)

it('finds every pair of any JSON document', TIMEOUT, () => {
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.record(
        { module: fc.string({ maxLength: 30 }), config: tie('node'), other: tie('node') },
        { requiredKeys: [] },
      ),
    ),
  })).node
  return fc.assert(
    fc.asyncProperty(tree, async (document) => {
      const found = new Set((await pairsOf(Buffer.from(JSON.stringify(document)))).map(({ value }) => value))
      for (const value of modulesIn(document)) expect(found).toContain(value)
    }),
    RUNS,
  )
})

it('finds a pair across the border of two windows', async () => {
  const pair = Buffer.from('"module" : "os"')
  for (const shift of [-15, -14, -9, -1, 0, 1]) {
    const content = Buffer.concat([Buffer.alloc(1024 * 1024 + shift, 0x22), pair, Buffer.alloc(50)])
    expect((await pairsOf(content)).map(({ value }) => value)).toEqual(['os'])
  }
})

function modulesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(modulesIn)
  if (typeof value !== 'object' || value === null) return []
  const own = 'module' in value && typeof value.module === 'string' ? [value.module] : []
  return [...own, ...Object.values(value).flatMap(modulesIn)]
}
