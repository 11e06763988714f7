/** Any header is parsed or refused, quickly; what numpy writes is understood. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { npyHeader } from '../../testing/numpy-writer.ts'
import { parseNumpyHeader } from './numpy-header.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_107 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }

const SIZES: Readonly<Record<string, number>> = {
  '<f4': 4,
  '|u1': 1,
  '>i8': 8,
  '<U3': 12,
  '|S5': 5,
  '<c16': 16,
  '|b1': 1,
  '<M8[ns]': 8,
}

it('knows the size of every array that numpy writes', TIMEOUT, () =>
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(SIZES)), fc.array(fc.nat(50), { maxLength: 4 }), (descr, shape) => {
      const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
      const elements = shape.reduce((product, size) => product * size, 1)
      expect(parseNumpyHeader(npyHeader(`'${descr}'`, tuple))).toEqual({
        elements,
        itemBytes: SIZES[descr],
        hasObjects: false,
      })
    }),
    RUNS,
  ),
)

it('never overlooks a field of objects', TIMEOUT, () => {
  const plain = fc.constantFrom("'<f4'", "'|S3'", "[('a', '<i4'), ('b', '|u1', (2, 2))]")
  const field = (depth: number): fc.Arbitrary<string> =>
    depth === 0 ? fc.constant("'|O'") : field(depth - 1).map((inner) => `[('x', ${inner})]`)
  return fc.assert(
    fc.property(
      fc.array(plain, { maxLength: 3 }),
      fc.nat(8).chain(field),
      fc.array(plain, { maxLength: 3 }),
      (before, objects, after) => {
        const fields = [...before, objects, ...after].map((type, i) => `('f${i}', ${type})`)
        expect(parseNumpyHeader(npyHeader(`[${fields.join(', ')}]`, '(1,)'))).toMatchObject({ hasObjects: true })
      },
    ),
    RUNS,
  )
})

it('refuses what is no header', TIMEOUT, () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ',',
    ':',
    "'descr'",
    "'shape'",
    'True',
    '1',
    '-1',
    '__import__',
    '\\',
    "'",
    ' ',
  )
  return fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const header = parseNumpyHeader(text)
        if (typeof header === 'object') expect(text).toMatch(/descr/)
      },
    ),
    RUNS,
  )
})
