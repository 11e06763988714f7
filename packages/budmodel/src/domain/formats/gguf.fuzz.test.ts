/** No GGUF file makes the reader throw or read without end, and what it calls sound is sound. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countingFile, damaged } from '../../testing/damaged-files.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { type GgufInput, type GgufOptions, type GgufTensorInput, ggufOf, soundGguf } from '../../testing/gguf-writer.ts'
import { type GgufFile, readGguf } from './gguf.ts'
import { ggmlTypes } from './gguf-types.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_102 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }

async function holds(content: Uint8Array): Promise<GgufFile> {
  const { file, bytesRead } = countingFile('model.gguf', content)
  const gguf = await readGguf(file)
  expect(bytesRead()).toBeLessThanOrEqual(8 + 2 * content.length)
  if (gguf.problems.length > 0 || gguf.notUnderstood !== undefined) return gguf
  const spans = gguf.tensors
    .map(({ offset, bytes = 0 }) => [offset, offset + bytes] as const)
    .sort((a, b) => a[0] - b[0])
  for (const [i, [, end]] of spans.entries()) {
    expect(end).toBeLessThanOrEqual(content.length)
    const next = spans[i + 1]
    if (next) expect(next[0]).toBeGreaterThanOrEqual(end)
  }
  return gguf
}

const text = fc.string({ maxLength: 12, unit: 'binary' })
const value: fc.Arbitrary<GgufInput> = fc.oneof(
  fc.record({ type: fc.constant('u32' as const), value: fc.nat() }),
  fc.record({ type: fc.constant('u64' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({ type: fc.constant('bool' as const), value: fc.nat(1) }),
  fc.record({ type: fc.constant('f32' as const), value: fc.float() }),
  fc.record({ type: fc.constant('text' as const), value: text }),
  fc.record({ type: fc.constant('texts' as const), value: fc.array(text, { maxLength: 6 }) }),
  fc.record({ type: fc.constant('numbers' as const), value: fc.array(fc.nat(), { maxLength: 6 }) }),
)
const pairs = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_.]{0,20}$/), value, { maxKeys: 8 }).map(Object.entries)
const soundTensors: fc.Arbitrary<GgufTensorInput[]> = fc.array(
  fc
    .tuple(fc.constantFrom(...ggmlTypes.keys()), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
    .map(([type, blocks, rows]) => {
      const { elements = 1, bytes = 1 } = ggmlTypes.get(type) ?? {}
      return { name: '', type, shape: [blocks * elements, rows], bytes: blocks * rows * bytes }
    }),
  { maxLength: 5 },
)
const named = (tensors: readonly GgufTensorInput[]): GgufTensorInput[] =>
  tensors.map((tensor, i) => ({ ...tensor, name: `t${i}` }))
const style: fc.Arbitrary<GgufOptions> = fc.record({ version: fc.constantFrom(1, 2, 3), bigEndian: fc.boolean() })

it('finds nothing wrong with any sound file, in every version and byte order', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(pairs, soundTensors, style, async (entries, tensors, options) => {
      fc.pre(!entries.some(([key]) => key === 'general.alignment'))
      const gguf = await holds(ggufOf(entries, named(tensors), options))
      expect(gguf).toMatchObject({ ...options, problems: [], notUnderstood: undefined, trailingBytes: 0 })
      expect(gguf.values.size).toBe(entries.length)
      expect(gguf.tensors.length).toBe(tensors.length)
    }),
    RUNS,
  ),
)

it('survives damaged files', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(
      damaged(soundGguf(), soundGguf({ version: 1 }), soundGguf({ bigEndian: true })),
      async (content) => {
        await holds(content)
      },
    ),
    RUNS,
  ),
)

it('sees every tensor that is moved onto another, away from it or out of the file', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(
      soundTensors.filter(({ length }) => length >= 2),
      fc.nat(),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      async (tensors, which, offset) => {
        const moved = named(tensors)
        const sound = await holds(ggufOf([], moved))
        const index = which % moved.length
        fc.pre(BigInt(sound.tensors[index]?.offset ?? 0) !== offset)
        const changed = moved.map((tensor, i) => (i === index ? { ...tensor, offset } : tensor))
        const { problems } = await holds(ggufOf([], changed))
        expect(problems.length).toBeGreaterThan(0)
      },
    ),
    RUNS,
  ),
)

it('answers hostile sizes at once', async () => {
  for (const count of [2n ** 31n, 2n ** 40n, 2n ** 63n, 2n ** 64n - 1n]) {
    for (const content of [soundGguf({ pairCount: count }), soundGguf({ tensorCount: count })]) {
      const { file, bytesRead } = countingFile('model.gguf', content)
      const { problems } = await readGguf(file)
      expect(problems.length).toBeGreaterThan(0)
      expect(bytesRead()).toBeLessThanOrEqual(8 + 2 * content.length)
    }
  }
})
