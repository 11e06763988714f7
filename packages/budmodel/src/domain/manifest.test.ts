import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { planBatches } from './import-batches.ts'
import { createManifest } from './manifest.ts'

const file = (path: string, bytes = 1) => ({ path, bytes, sha256: createHash('sha256').update(path).digest('hex') })

describe('manifest', () => {
  it('has one digest for the same files in any order', () => {
    const files = ['b', 'a/z', 'a.b'].map((path) => file(path))
    const manifest = createManifest(files)
    expect(createManifest(files.toReversed())).toEqual(manifest)
    expect(manifest.files.map(({ path }) => path)).toEqual(['a.b', 'a/z', 'b'])
  })

  it('is sha256 over "<sha256> <bytes> <path>" lines, so that anyone can check it', () => {
    const { digest } = createManifest([file('a', 3)])
    expect(digest).toBe(
      createHash('sha256')
        .update(`${file('a').sha256} 3 a\n`)
        .digest('hex'),
    )
  })

  it('changes with any name, size or content', () => {
    const base = createManifest([file('a'), file('b')]).digest
    for (const other of [
      [file('a'), file('c')],
      [file('a', 2), file('b')],
      [{ ...file('a'), sha256: file('x').sha256 }, file('b')],
      [file('a')],
    ]) {
      expect(createManifest(other).digest).not.toBe(base)
    }
  })
})

describe('import batches', () => {
  it('hold up to 1 GiB or 500 files, but four large ones at least, and keep the order', () => {
    const gib = 1024 ** 3
    const sizes = [1, gib - 1, 1, 5 * gib, 2, 2, 2, 2, gib, 3]
    expect(planBatches(sizes.map((bytes) => ({ bytes }))).map((batch) => batch.map(({ bytes }) => bytes))).toEqual([
      [1, gib - 1, 1, 5 * gib],
      [2, 2, 2, 2],
      [gib, 3],
    ])
    expect(planBatches(Array.from({ length: 1001 }, () => ({ bytes: 0 }))).map((batch) => batch.length)).toEqual([
      500, 500, 1,
    ])
    expect(planBatches([])).toEqual([])
  })
})
