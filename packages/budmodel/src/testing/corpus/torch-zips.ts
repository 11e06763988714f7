/** torch's zip format with something in it that runs, and archives that scanners read unlike torch does. */
import { pickleOp as p, pickleOf, stateDictPickle } from '../pickle-writer.ts'
import { type ZipMember, zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

export const systemCall = pickleOf(
  p.proto(2),
  p.global('os', 'system'),
  p.text('touch /tmp/loaded'),
  p.tuple1(),
  p.reduce(),
  p.stop(),
)
const stateDict = stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 4 }])

const members = (pickle: Uint8Array, change: Partial<ZipMember> = {}): ZipMember[] => [
  { name: 'archive/data.pkl', content: pickle, ...change },
  { name: 'archive/byteorder', content: Buffer.from('little') },
  { name: 'archive/data/0', content: Buffer.alloc(16, 7) },
  { name: 'archive/version', content: Buffer.from('3\n') },
]
const torchZip = (pickle: Uint8Array, change: Partial<ZipMember> = {}): Buffer => zipOf(members(pickle, change))
const GLOBAL = ['pickle-global']

const bad: [name: string, path: string, content: Uint8Array, why: string, rules?: string[], published?: string][] = [
  ['plain', 'pytorch_model.bin', torchZip(systemCall), 'The pickle of a state dict runs a command.'],
  ['deflated', 'model.pt', torchZip(systemCall, { deflate: true }), 'The same, packed.'],
  [
    'bin-extension',
    'model.bin',
    torchZip(systemCall),
    'A torch archive that is not named as one.',
    GLOBAL,
    'CVE-2025-10155',
  ],
  ['no-extension', 'weights', torchZip(systemCall), 'Without any extension.'],
  [
    'encrypted-flag',
    'model.pt',
    torchZip(systemCall, { flags: 1 }),
    'Marked as encrypted: torch does not look at the mark.',
    GLOBAL,
    'GHSA-w8jq-xcqf-f792',
  ],
  [
    'strong-encryption-flag',
    'model.pt',
    torchZip(systemCall, { flags: 0x41 }),
    'Marked as strongly encrypted.',
    GLOBAL,
    'GHSA-w8jq-xcqf-f792',
  ],
  [
    'masked-header-flag',
    'model.pt',
    torchZip(systemCall, { flags: 0x2000 }),
    'Marked as having masked headers.',
    GLOBAL,
    'GHSA-w8jq-xcqf-f792',
  ],
  [
    'patch-flag',
    'model.pt',
    torchZip(systemCall, { flags: 0x20 }),
    'Marked as a patch.',
    GLOBAL,
    'GHSA-w8jq-xcqf-f792',
  ],
  [
    'every-flag',
    'model.pt',
    torchZip(systemCall, { flags: 0xffff }),
    'Every mark at once.',
    GLOBAL,
    'GHSA-w8jq-xcqf-f792',
  ],
  [
    'wrong-crc',
    'model.pt',
    torchZip(systemCall, { crc: 0x12345678 }),
    'A wrong checksum: scanners stop, torch does not.',
    GLOBAL,
    'CVE-2025-10156',
  ],
  [
    'wrong-name-in-directory',
    'model.pt',
    torchZip(systemCall, { directoryName: 'archive/data.txt' }),
    'The directory and the entry have different names.',
    GLOBAL,
    'GHSA-7q5r-7gvp-wc82',
  ],
  [
    'odd-folder',
    'model.pt',
    zipOf([{ name: 'a/b/c/d/data.pkl', content: systemCall }]),
    'data.pkl where nobody expects it.',
  ],
  ['no-folder', 'model.pt', zipOf([{ name: 'data.pkl', content: systemCall }]), 'data.pkl without a folder.'],
  [
    'second-data-pkl',
    'model.pt',
    zipOf([...members(stateDict), { name: 'other/data.pkl', content: systemCall }]),
    'A sound data.pkl and another one.',
  ],
  [
    'constants',
    'model.pt',
    zipOf([...members(stateDict), { name: 'archive/constants.pkl', content: systemCall }]),
    'The pickle of TorchScript’s constants.',
  ],
  [
    'extra-file',
    'model.pt',
    zipOf([...members(stateDict), { name: 'archive/.data/serialization_id', content: systemCall }]),
    'A pickle where an identifier should be.',
  ],
  [
    'in-storage',
    'model.pt',
    zipOf([...members(stateDict), { name: 'archive/data/1', content: systemCall }]),
    'A pickle where a tensor’s bytes should be.',
  ],
  ['upper-case', 'MODEL.PT', zipOf([{ name: 'ARCHIVE/DATA.PKL', content: systemCall }]), 'Names in capitals.'],
  [
    'prepended',
    'model.pt',
    zipOf(members(systemCall), { prefix: Buffer.alloc(512, 0x41), relativeOffsets: true }),
    'Something was put before the archive.',
  ],
  [
    'behind-picture',
    'logo.png',
    zipOf(members(systemCall), {
      prefix: Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(200)]),
      relativeOffsets: true,
    }),
    'An archive behind a picture.',
  ],
  [
    'behind-safetensors',
    'model.safetensors',
    zipOf(members(systemCall), { prefix: Buffer.from('\x02\0\0\0\0\0\0\0{}', 'latin1') }),
    'Safetensors at its start, torch at its end.',
  ],
  [
    'commented',
    'model.pt',
    zipOf(members(systemCall), { comment: Buffer.alloc(65_000, 0x50) }),
    'A comment of 65,000 bytes hides the end record.',
  ],
  [
    'no-directory',
    'model.pt',
    zipOf(members(systemCall), { withoutDirectory: true }),
    'Without a directory, as a broken copy.',
  ],
  [
    'in-zip',
    'models.zip',
    zipOf([{ name: 'inner/model.pt', content: torchZip(systemCall) }]),
    'An archive in an archive.',
  ],
  [
    'in-packed-zip',
    'models.zip',
    zipOf([
      {
        name: 'a.dat',
        content: zipOf([{ name: 'b.dat', content: torchZip(systemCall), deflate: true }]),
        deflate: true,
      },
    ]),
    'Two archives around it, both packed.',
  ],
  [
    'npz',
    'embeddings.npz',
    zipOf([{ name: 'a.npy', content: npy(systemCall) }]),
    'An array of objects in numpy’s archive.',
  ],
  [
    'npz-not-npy',
    'embeddings.npz',
    zipOf([{ name: 'a.npy', content: systemCall, deflate: true }]),
    'A pickle that is named as an array.',
  ],
  [
    'nested-pickle',
    'model.pt',
    torchZip(pickleOf(p.proto(2), p.bytes(systemCall), p.stop())),
    'A pickle in a value.',
    ['pickle-nested'],
  ],
  [
    'load-from-bytes',
    'model.pt',
    torchZip(
      pickleOf(
        p.proto(2),
        p.global('torch.storage', '_load_from_bytes'),
        p.bytes(systemCall),
        p.tuple1(),
        p.reduce(),
        p.stop(),
      ),
    ),
    'torch’s own function loads a pickle in a value.',
  ],
  [
    'seven-zip-named-bin',
    'pytorch_model.bin',
    Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), Buffer.alloc(60, 0x33)]),
    'Weights that are a 7z archive, which scanners do not open.',
    ['format-disguised'],
    'nullifAI, February 2025',
  ],
  [
    'rar-named-pt',
    'model.pt',
    Buffer.concat([Buffer.from('526172211a070100', 'hex'), Buffer.alloc(60, 0x33)]),
    'Weights that are a RAR archive.',
    ['format-disguised'],
  ],
]

function npy(pickle: Uint8Array): Buffer {
  const header = Buffer.from("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n")
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.of(header.length, 0), header, pickle])
}

export const torchZipCases: readonly CorpusCase[] = bad.map(([name, path, content, why, rules, published]) => ({
  name: `torch-zip-${name}`,
  kind: 'malicious',
  files: { [path]: content },
  expects: rules ?? GLOBAL,
  why,
  ...(published ? { published } : {}),
}))
