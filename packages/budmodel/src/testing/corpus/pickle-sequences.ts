/** Several pickles in a file, and pickles that only Python's own way of reading finds; sound files of the same forms. */
import { deflateSync, gzipSync } from 'node:zlib'
import { npyHeader, npyOf } from '../numpy-writer.ts'
import { pickleOp as p, pickleOf, stateDictPickle } from '../pickle-writer.ts'
import { safetensorsOf } from '../safetensors-writer.ts'
import { tarOf } from '../tar-writer.ts'
import { legacyTorchOf } from '../torch-legacy-writer.ts'
import { zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'
import { payload, shape, sound } from './pickle-shape.ts'

const lines = (text: string): Buffer => Buffer.from(text, 'latin1')
const call = lines("cos\nsystem\n(S'id'\ntR.")
const legacyLines = (magic: string): Buffer =>
  Buffer.concat([lines(`${magic}.L1001L\n.S'some system information here'\n.`), call])
const MAGIC = '119547037146038801333356'

const clean = (name: string, why: string, files: Record<string, Uint8Array>): CorpusCase => ({
  name: `sequence-${name}`,
  kind: 'clean',
  files,
  expects: [],
  why,
})

const legacyMagics: CorpusCase[] = (
  [
    ['long-line', `L${MAGIC}L\n`],
    ['int-line', `I${MAGIC}\n`],
    ['hexadecimal-line', 'L0x1950a86a20f9469cfc6cL\n'],
    ['long4', `\x8b\x0a\0\0\0${Buffer.from('6cfc9c46f9206aa85019', 'hex').toString('latin1')}`],
  ] as const
).map(([name, magic]) =>
  shape(
    `legacy-${name}`,
    'diffusion_pytorch_model.bin',
    legacyLines(magic),
    'torch’s old format, its magic number written in another way: the fourth pickle is what is loaded.',
  ),
)

const SCRIPTS = Array.from({ length: 6000 }, (_, i) => ({ name: `s${i}.py`, content: lines('x=1\n') }))

const attacks: CorpusCase[] = [
  ...legacyMagics,
  shape('legacy-for-training', 'training_args.bin', legacyLines(`L${MAGIC}L\n`), 'The same under a name of trainers.'),
  shape('legacy-as-pt', 'weights.pt', legacyLines(`L${MAGIC}L\n`), 'The same under a name of torch.'),
  shape(
    'third-after-texts',
    'two.pkl',
    Buffer.concat([lines("S'a long harmless first text'\n.S'another harmless text'\n."), call]),
    'Two pickles that name nothing come first.',
  ),
  shape(
    'third-after-texts-disguised',
    'weights.dat',
    Buffer.concat([lines("S'a long harmless first text'\n.S'another harmless text'\n."), call]),
    'The same under a name of no meaning.',
  ),
  shape(
    'behind-many',
    'state.bin',
    Buffer.concat([...Array.from({ length: 500 }, () => lines('I1\n.')), call]),
    'Five hundred harmless pickles come first.',
  ),
  shape(
    'in-value-second',
    'a.pkl',
    pickleOf(p.proto(4), p.bytes(Buffer.concat([sound, payload])), p.stop()),
    'The second pickle inside of a value.',
    ['pickle-nested'],
  ),
  shape(
    'legacy-in-storage',
    'pytorch_model.bin',
    legacyTorchOf({
      object: stateDictPickle([{ name: 'w', storage: 'ByteStorage', elements: 0x0c58 }]),
      storages: [{ key: '0', elements: 0x0c58, content: Buffer.concat([Buffer.alloc(9), call]) }],
    }),
    'The count of a storage is an opcode: who reads a sixth pickle reads what the weights hold.',
  ),
  shape(
    'index-with-zeros',
    'finalized_model.sav',
    lines("S'x'\np0000000000000000000001\n0cos\nsystem\n(S'id'\ntR."),
    'A memo number with many zeros, as Python takes it.',
    ['pickle-disguised'],
  ),
  shape(
    'index-minus-zero',
    'finalized_model.sav',
    lines("S'x'\np-0\n0cos\nsystem\n(S'id'\ntR."),
    'A memo number of minus zero.',
    ['pickle-disguised'],
  ),
  shape(
    'index-huge',
    'model.joblib',
    lines("S'x'\np99999999999999999999999\n0cos\nsystem\n(S'id'\ntR."),
    'A memo number beyond all memory: joblib reads with Python’s slow reader, which takes it.',
  ),
  shape(
    'index-with-nul',
    'weights',
    lines("S'x'\np1\0 or so\n0cos\nsystem\n(S'id'\ntR."),
    'A memo number that ends at a NUL, as C reads it.',
    ['pickle-disguised'],
  ),
  shape(
    'line-without-end',
    'notes.txt',
    lines("(S'id'\nios\nsystem!"),
    'The last line has no end: Python takes the last letter for it, and calls.',
    ['pickle-disguised'],
  ),
  shape('zlib-z', 'model.pkl.z', deflateSync(payload), 'joblib’s name for what it packs with zlib.'),
  shape('zlib-sav', 'model.sav', deflateSync(call, { level: 1 }), 'Packed with zlib under another name.'),
  shape('zlib-as-text', 'notes.txt', deflateSync(call, { level: 9 }), 'Packed with zlib and named as a text.'),
  shape('zlib-in-gzip', 'model.gz', gzipSync(deflateSync(payload)), 'Packed twice.'),
  shape(
    'behind-warnings-tar',
    'model.nemo',
    tarOf([...SCRIPTS, { name: 'weights.pkl', content: call }]),
    'Thousands of remarks come before what counts.',
  ),
  shape(
    'behind-warnings-zip',
    'model.zip',
    zipOf([...SCRIPTS, { name: 'weights.pkl', content: call }]),
    'The same in a zip archive.',
  ),
  shape(
    'behind-array',
    'a.npy',
    Buffer.concat([npyOf(npyHeader("'<f4'", '(2,)'), Buffer.alloc(8, 1)), payload]),
    'A second np.load on the same file reads what follows the array.',
  ),
  shape(
    'second-array',
    'a.npy',
    Buffer.concat([npyOf(npyHeader("'<f4'", '(2,)'), Buffer.alloc(8, 1)), npyOf(npyHeader("'|O'", '(1,)'), payload)]),
    'The second array is of objects.',
  ),
]

const bytesOf = (count: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => (i * 197 + seed * 31 + (i >> 3)) & 255))

const legacyModel = legacyTorchOf({
  object: stateDictPickle([
    { name: 'a', storage: 'FloatStorage', elements: 640 },
    { name: 'b', storage: 'HalfStorage', elements: 1152 },
    { name: 'c', storage: 'LongStorage', elements: 1 },
    { name: 'd', storage: 'FloatStorage', elements: 0 },
  ]),
  storages: [
    { key: '0', elements: 640, content: bytesOf(2560, 1) },
    { key: '1', elements: 1152, content: bytesOf(2304, 2) },
    { key: '2', elements: 1, content: bytesOf(8, 3) },
    { key: '3', elements: 0, content: Buffer.alloc(0) },
  ],
})

/** An array as numpy pickles it by protocol 4. */
const numpyPickle = pickleOf(
  p.proto(4),
  p.frame(160),
  p.shortText('numpy.core.multiarray'),
  p.memoize(),
  p.shortText('_reconstruct'),
  p.memoize(),
  p.stackGlobal(),
  p.shortText('numpy'),
  p.shortText('ndarray'),
  p.stackGlobal(),
  p.int(0),
  p.tuple1(),
  p.shortBytes(lines('b')),
  p.tuple3(),
  p.reduce(),
  p.mark(),
  p.int(1),
  p.int(2),
  p.tuple1(),
  p.shortText('numpy'),
  p.shortText('dtype'),
  p.stackGlobal(),
  p.shortText('f4'),
  Buffer.of(0x89, 0x88),
  p.tuple3(),
  p.reduce(),
  Buffer.of(0x89),
  p.shortBytes(bytesOf(8, 4)),
  p.tuple(),
  p.build(),
  p.stop(),
)

const cleanOnes: CorpusCase[] = [
  clean('legacy-torch', 'Storages of several types after the five pickles; their counts look like opcodes.', {
    'pytorch_model.bin': legacyModel,
    'optimizer.bin': legacyModel,
    'weights.pt': Buffer.concat([legacyModel, Buffer.alloc(300)]),
  }),
  clean('sound-pickles', 'Several pickles of weights one after the other, and zeros up to a block’s end.', {
    'history.pkl': Buffer.concat([sound, sound, numpyPickle, lines('I1\n.')]),
    'state.bin': Buffer.concat([sound, Buffer.alloc(200)]),
  }),
  clean('numpy-joblib', 'An array as joblib and numpy pickle it, alone and packed.', {
    'scaler.joblib': numpyPickle,
    'scaler.pkl.z': deflateSync(numpyPickle),
    'mean.pkl': numpyPickle,
  }),
  clean('packed-text', 'A text packed with zlib.', { 'vocab.txt.z': deflateSync(lines('the\nof\nand\n'.repeat(50))) }),
  clean('arrays', 'Arrays one after the other, as np.save appends them.', {
    'all.npy': Buffer.concat([
      npyOf(npyHeader("'<f4'", '(4,)'), bytesOf(16, 5)),
      npyOf(npyHeader("'<i8'", '(0,)'), Buffer.alloc(0)),
      npyOf(npyHeader("'<f8'", '()'), bytesOf(8, 6)),
    ]),
  }),
  clean('word-lists', 'Lists of words that begin like old pickles.', {
    'labels.txt': lines('cat\ndog\nfish\n'),
    'coco.names': lines('car\nbus\nRoad\n'),
    classes: lines('cat\ndog\nfish\n'),
    'README.md': lines('I am a model.\nNice.\n'),
    'vocab.txt': lines('In\nthe\ncos\nsystem\n'),
  }),
  clean('numbers', 'Numbers that begin like packed files.', {
    'index.dat': Buffer.from(BigUint64Array.of(93n, 5n, 12n, 7n).buffer),
    'ids.dat': Buffer.from(Uint32Array.of(93, 16, 4, 2, 9, 300, 12).buffer),
    'x.dat': Buffer.concat([lines('x\x9c'), bytesOf(500, 7)]),
    'sizes.safetensors': sizedSafetensors(0x178),
    'more.safetensors': sizedSafetensors(0x5d),
  }),
]

/** With a header of so many bytes: its length is the file's first bytes. */
function sizedSafetensors(headerBytes: number): Buffer {
  const file = safetensorsOf({ w: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, Buffer.of(1, 2, 3, 4))
  const length = Number(file.readBigUInt64LE(0))
  const sized = Buffer.alloc(8)
  sized.writeBigUInt64LE(BigInt(headerBytes))
  const header = Buffer.from(file.toString('latin1', 8, 8 + length).padEnd(headerBytes))
  return Buffer.concat([sized, header, file.subarray(8 + length)])
}

export const pickleSequenceCases: readonly CorpusCase[] = [...attacks, ...cleanOnes]
