/** No HDF5 file makes the walk throw, go in circles or read without end, and no damage hides a foreign file for free. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countingFile, damaged } from '../../testing/damaged-files.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { hdf5Of } from '../../testing/hdf5-writer.ts'
import { findSuperblock, type Hdf5Walk, walkHdf5 } from './hdf5.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_104 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }

async function walk(content: Uint8Array): Promise<Hdf5Walk | undefined> {
  const { file, bytesRead } = countingFile('model.h5', content)
  const superblock = await findSuperblock(file)
  if (superblock === undefined) return undefined
  const result = await walkHdf5(file, superblock)
  expect(bytesRead()).toBeLessThanOrEqual(100_000 + 100 * content.length)
  expect(result.objects).toBeLessThanOrEqual(content.length)
  return result
}

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
const dataset = fc
  .tuple(name, fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }))
  .map(([label, shape]) => ({ name: label, shape, content: Buffer.alloc(shape.reduce((a, b) => a * b, 4)) }))
const datasets = fc.uniqueArray(dataset, { maxLength: 8, selector: (entry) => entry.name })
const attributes = fc.dictionary(name, fc.string({ minLength: 1, maxLength: 40 }), { maxKeys: 3 })

it('walks any sound file to its end', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(datasets, attributes, fc.constantFrom(0, 512, 1024), async (sets, texts, userBytes) => {
      const content = hdf5Of({ datasets: sets, attributes: texts, userBlock: Buffer.alloc(userBytes, 1) })
      expect(await walk(content)).toEqual({
        references: [],
        bombs: [],
        broken: undefined,
        objects: 1 + sets.length,
        statedEnd: content.length,
      })
    }),
    RUNS,
  ),
)

it('finds a foreign file among any others', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(datasets, name, fc.boolean(), async (sets, file, byLink) => {
      const others = sets.slice(0, 7)
      const external = { name: 'zz_external', shape: [4], externalFile: file }
      const content = byLink
        ? hdf5Of({ datasets: others, externalLinks: { zz: { file, object: '/' } } })
        : hdf5Of({ datasets: [...others, external] })
      const kind = byLink ? 'external-link' : 'external-storage'
      expect((await walk(content))?.references).toEqual([{ kind, target: file, offset: expect.any(Number) }])
    }),
    RUNS,
  ),
)

const samples = [
  hdf5Of({
    attributes: { model_config: '{"class_name": "Dense"}' },
    datasets: [
      { name: 'a', shape: [2, 3], content: Buffer.alloc(24) },
      { name: 'b', shape: [2], externalFile: '/etc/passwd' },
    ],
  }),
  hdf5Of({
    externalLinks: { x: { file: 'other.h5', object: '/a' } },
    datasets: [{ name: 'v', shape: [4], isVirtual: true }],
  }),
]

it('survives damaged files', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(damaged(...samples), async (content) => {
      await walk(content)
    }),
    RUNS,
  ),
)
