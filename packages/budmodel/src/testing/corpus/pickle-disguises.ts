/** Pickles where nobody expects one: under other names, behind other first bytes, inside of other formats. */
import { deflateSync } from 'node:zlib'
import { pickleOp as p, pickleOf } from '../pickle-writer.ts'
import type { CorpusCase } from './corpus-case.ts'
import { call, payload, shape, sound } from './pickle-shape.ts'

const GLOBAL = ['pickle-global']
const NESTED = ['pickle-nested']

export const pickleDisguiseCases: readonly CorpusCase[] = [
  shape(
    'nested-bytes',
    'a.pkl',
    pickleOf(p.proto(4), p.bytes(payload), p.stop()),
    'A pickle in a bytes value.',
    NESTED,
  ),
  shape(
    'nested-bytearray',
    'a.pkl',
    pickleOf(p.proto(5), p.byteArray8(payload), p.stop()),
    'A pickle in a bytearray.',
    NESTED,
  ),
  shape(
    'nested-text',
    'a.pkl',
    pickleOf(p.proto(2), p.text("cos\nsystem\n(S'id'\ntR."), p.stop()),
    'A pickle of protocol 0 in a text.',
    NESTED,
  ),
  shape('nested-four-levels', 'a.pkl', nested(payload, 4), 'Pickles in pickles.', NESTED),
  shape('nested-too-deep', 'a.pkl', nested(payload, 12), 'More of them than anyone looks into.', [
    'pickle-nested',
    'pickle-nested-too-deep',
  ]),
  shape('odd-extension', 'model.h5.backup', payload, 'An extension that nobody knows.', GLOBAL, 'GHSA-769v-p64c-89pr'),
  shape('no-extension', 'weights', payload, 'No extension.', GLOBAL, 'GHSA-769v-p64c-89pr'),
  shape('named-config', 'config.json', payload, 'Named as a configuration.'),
  shape('named-safetensors', 'model.safetensors', payload, 'Named as safetensors.', [
    'pickle-global',
    'safetensors-header-too-large',
  ]),
  shape('named-picture', 'logo.png', payload, 'Named as a picture.'),
  shape(
    'gif-polyglot',
    'logo.gif',
    Buffer.concat([Buffer.from('GIF89a\x01\x00\x01'), p.pop(), ...call, p.stop()]),
    'The letters of a GIF are opcodes of a pickle.',
    ['pickle-global', 'pickle-disguised'],
  ),
  shape(
    'gguf-polyglot',
    'model.gguf',
    Buffer.concat([Buffer.from('GGUF\x03\x00\x00\x00\x00'), p.pop(), ...call, p.stop()]),
    'The letters of GGUF are opcodes of a pickle.',
    ['pickle-global', 'pickle-disguised'],
  ),
  shape(
    'bitmap-polyglot',
    'logo.bmp',
    Buffer.concat([Buffer.from('BM'), Buffer.from([0, 0, 0]), Buffer.alloc(0x4d), p.pop(), ...call, p.stop()]),
    'The letters of a bitmap are opcodes of a pickle.',
    ['pickle-global', 'pickle-disguised'],
  ),
  shape(
    'behind-picture',
    'logo.png',
    Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64, 1), payload]),
    'Behind the first bytes of a picture, for a loader that seeks there.',
    ['pickle-embedded'],
  ),
  shape(
    'persistent-id',
    'a.pt',
    pickleOf(
      p.proto(2),
      p.mark(),
      p.text('storage'),
      p.global('os', 'system'),
      p.text('0'),
      p.text('cpu'),
      p.int(1),
      p.tuple(),
      p.persistentId(),
      p.stop(),
    ),
    'A storage’s type is a function: torch’s persistent_load calls it.',
  ),
  shape(
    'persistent-id-line',
    'a.pkl',
    pickleOf(p.persistentIdLine('os'), p.pop(), ...call, p.stop()),
    'Starts with a persistent id of protocol 0.',
  ),
  shape(
    'default-factory',
    'a.pkl',
    pickleOf(
      p.proto(2),
      p.global('collections', 'defaultdict'),
      p.global('os', 'getcwd'),
      p.tuple1(),
      p.reduce(),
      p.stop(),
    ),
    'An allowed class calls a function later.',
  ),
  shape('legacy-torch', 'pytorch_model.bin', legacy(payload), 'torch’s format of before 1.6.'),
  shape(
    'legacy-torch-system-info',
    'pytorch_model.bin',
    legacy(sound, payload),
    'The same, in the part that describes the machine.',
  ),
  shape(
    'legacy-torch-keys',
    'pytorch_model.bin',
    legacy(sound, undefined, payload),
    'The same, in the list of storages.',
  ),
  shape('numpy-object-array', 'embeddings.npy', npy(payload), 'An array of objects holds a pickle.'),
  shape(
    'zlib-joblib',
    'scaler.joblib',
    deflateSync(payload),
    'joblib unpacks by the first bytes and loads what comes out.',
    ['pickle-global', 'pickle-compressed'],
  ),
  shape(
    'many-marks',
    'a.pkl',
    Buffer.concat([p.proto(2), Buffer.alloc(100_000, 0x28), ...call, p.stop()]),
    'A hundred thousand marks before the call.',
  ),
  shape(
    'long-name',
    'a.pkl',
    pickleOf(p.proto(2), p.global(`os${'.path'.repeat(200)}`, 'system'), p.emptyTuple(), p.reduce(), p.stop()),
    'A name longer than any reader keeps.',
  ),
  shape(
    'invalid-name',
    'a.pkl',
    pickleOf(
      p.proto(2),
      Buffer.from([0x63, 0xff, 0x0a]),
      Buffer.from('system\n'),
      p.emptyTuple(),
      p.reduce(),
      p.stop(),
    ),
    'A name that is no text.',
  ),
]

function legacy(main: Uint8Array, system?: Uint8Array, keys?: Uint8Array): Buffer {
  return Buffer.concat([
    pickleOf(p.proto(2), p.long1(Buffer.from('6cfc9c46f9206aa85019', 'hex')), p.stop()),
    pickleOf(p.proto(2), p.int(1001), p.stop()),
    system ?? pickleOf(p.proto(2), p.emptyDict(), p.stop()),
    main,
    keys ?? pickleOf(p.proto(2), p.emptyList(), p.stop()),
    Buffer.alloc(256, 0xee),
  ])
}

function npy(content: Uint8Array): Buffer {
  const header = Buffer.from("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n")
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.of(header.length, 0), header, content])
}

function nested(innermost: Uint8Array, levels: number): Uint8Array {
  let content = innermost
  for (let i = 0; i < levels; i++) content = pickleOf(p.proto(4), p.bytes(content), p.stop())
  return content
}
