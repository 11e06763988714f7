/** numpy arrays that are pickles or lie about their size, and sound ones. */
import { npyHeader, npyOf } from '../numpy-writer.ts'
import { pickleOp as p, pickleOf } from '../pickle-writer.ts'
import { zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const osSystem = pickleOf(p.proto(2), p.global('os', 'system'), p.text('id'), p.tuple1(), p.reduce(), p.stop())
const numbers = npyOf(npyHeader("'<f4'", '(2, 3)'), Buffer.alloc(24, 1))

const bad = (name: string, files: Record<string, Uint8Array>, rule: string, why: string): CorpusCase => ({
  name: `numpy-${name}`,
  kind: 'malicious',
  files,
  expects: [rule],
  why,
})

export const numpyCases: readonly CorpusCase[] = [
  bad(
    'objects',
    { 'a.npy': npyOf(npyHeader("'|O'", '(1,)'), osSystem) },
    'pickle-global',
    'An array of objects is a pickle behind a header.',
  ),
  bad(
    'field-of-objects',
    { 'a.npy': npyOf(npyHeader("[('x', '<f4'), ('y', [('z', '|O')])]", '(1,)'), osSystem) },
    'pickle-global',
    'One field of a record is of objects, so that all of it is a pickle.',
  ),
  bad(
    'odd-header',
    { 'a.npy': npyOf(`{"descr": "|O", 'fortran_order': False, 'shape': (1,), **{}}`, osSystem) },
    'pickle-global',
    'A header that strict readers refuse and the pickle behind it all the same.',
  ),
  bad(
    'without-signature',
    { 'a.npy': osSystem },
    'pickle-global',
    'numpy takes a .npy without its signature for a pickle.',
  ),
  bad(
    'in-npz',
    { 'a.npz': zipOf([{ name: 'x.npy', content: npyOf(npyHeader("'O'", '()'), osSystem), deflate: true }]) },
    'pickle-global',
    'The same packed in an archive of arrays.',
  ),
  bad(
    'size',
    { 'a.npy': npyOf(npyHeader("'<f8'", '(1000000000000,)'), Buffer.alloc(64)) },
    'numpy-cut-short',
    'Announces eight terabytes and holds 64 bytes.',
  ),
  bad(
    'header-length',
    { 'a.npy': npyOf('{', Buffer.alloc(64), { version: 2, headerBytes: 2 ** 30 }) },
    'numpy-cut-short',
    'A header of one gigabyte in a file of 76 bytes.',
  ),
  bad(
    'header-bomb',
    { 'a.npy': npyOf(`{'descr': ${'('.repeat(100_000)}`, Buffer.alloc(8), { version: 2 }) },
    'numpy-header-invalid',
    'A header that drives Python’s parser off its stack.',
  ),
  {
    name: 'numpy-numbers',
    kind: 'clean',
    files: { 'a.npy': numbers },
    expects: [],
    why: 'Numbers as numpy saves them.',
  },
  {
    name: 'numpy-archive',
    kind: 'clean',
    files: {
      'a.npz': zipOf([
        { name: 'weights.npy', content: numbers, deflate: true },
        {
          name: 'names.npy',
          content: npyOf(npyHeader("[('a', '<U4'), ('b', '<i8', (2,))]", '(1,)'), Buffer.alloc(32)),
        },
      ]),
    },
    expects: [],
    why: 'Several arrays, one of them of records.',
  },
]
