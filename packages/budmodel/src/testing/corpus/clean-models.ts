/** Sound models of each format: nothing in them may be flagged. */
import { sampleModelFiles } from '../../domain/sample-model/sample-model-files.ts'
import { pickleOp as p, pickleOf, stateDictPickle } from '../pickle-writer.ts'
import { type HeaderEntry, safetensorsOf, soundSafetensors } from '../safetensors-writer.ts'
import { type ZipMember, zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const clean = (name: string, why: string, files: Record<string, Uint8Array>): CorpusCase => ({
  name: `clean-${name}`,
  kind: 'clean',
  files,
  expects: [],
  why,
})

/** Bytes that look like weights: no run of them means anything. */
function noise(bytes: number, seed: number): Buffer {
  let state = seed
  const content = Buffer.alloc(bytes)
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    content[i] = state >>> 24
  }
  return content
}

const torchZip = (pickle: Uint8Array, change: Partial<ZipMember> = {}): Buffer =>
  zipOf([
    { name: 'archive/data.pkl', content: pickle, ...change },
    { name: 'archive/byteorder', content: Buffer.from('little') },
    { name: 'archive/data/0', content: noise(4096, 5) },
    { name: 'archive/data/1', content: noise(300, 9) },
    { name: 'archive/version', content: Buffer.from('3\n') },
    { name: 'archive/.data/serialization_id', content: Buffer.from('0636067128420571418515233480573346518297') },
  ])

/** A state dict as protocols 4 and 5 write it, with parameters around the tensors. */
const newerStateDict = (protocol: number): Buffer =>
  pickleOf(
    p.proto(protocol),
    p.frame(200),
    p.emptyDict(),
    p.memoize(),
    p.mark(),
    p.shortText('model.embed_tokens.weight'),
    p.memoize(),
    p.shortText('torch._utils'),
    p.memoize(),
    p.shortText('_rebuild_parameter'),
    p.memoize(),
    p.stackGlobal(),
    p.memoize(),
    p.shortText('torch._utils'),
    p.shortText('_rebuild_tensor_v2'),
    p.stackGlobal(),
    p.mark(),
    p.mark(),
    p.shortText('storage'),
    p.shortText('torch'),
    p.shortText('BFloat16Storage'),
    p.stackGlobal(),
    p.shortText('0'),
    p.shortText('cuda:0'),
    p.int(4),
    p.tuple(),
    p.persistentId(),
    p.int(0),
    p.int(4),
    p.tuple1(),
    p.int(1),
    p.tuple1(),
    Buffer.of(0x89),
    p.shortText('collections'),
    p.shortText('OrderedDict'),
    p.stackGlobal(),
    p.emptyTuple(),
    p.reduce(),
    p.tuple(),
    p.reduce(),
    Buffer.of(0x88),
    p.global('collections', 'OrderedDict'),
    p.emptyTuple(),
    p.reduce(),
    p.tuple3(),
    p.reduce(),
    p.setItems(),
    p.stop(),
  )

const TYPES = [
  'FloatStorage',
  'HalfStorage',
  'BFloat16Storage',
  'DoubleStorage',
  'LongStorage',
  'IntStorage',
  'ByteStorage',
  'BoolStorage',
]
const everyType = stateDictPickle(TYPES.map((storage, i) => ({ name: `layers.${i}.weight`, storage, elements: 4 })))

const legacy = Buffer.concat([
  pickleOf(p.proto(2), p.long1(Buffer.from('6cfc9c46f9206aa85019', 'hex')), p.stop()),
  pickleOf(p.proto(2), p.int(1001), p.stop()),
  pickleOf(
    p.proto(2),
    p.emptyDict(),
    p.mark(),
    p.text('little_endian'),
    Buffer.of(0x88),
    p.text('protocol_version'),
    p.int(1001),
    p.setItems(),
    p.stop(),
  ),
  stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 64 }]),
  pickleOf(p.proto(2), p.emptyList(), p.mark(), p.text('0'), Buffer.of(0x65), p.stop()),
  Buffer.from('4000000000000000', 'hex'),
  noise(256, 3),
])

function npy(description: string, data: Uint8Array): Buffer {
  const header = Buffer.from(`${description.padEnd(117)}\n`)
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.of(header.length, 0), header, data])
}
const floats = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (64,), }", noise(256, 4))

const shard = (name: string, seed: number): Buffer => {
  const entry: HeaderEntry = { dtype: 'BF16', shape: [32, 16], data_offsets: [0, 1024] }
  return safetensorsOf({ __metadata__: { format: 'pt' }, [name]: entry }, noise(1024, seed))
}

const README = `---
license: apache-2.0
tags: [text-generation]
---
# A model

\`\`\`python
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("org/name", token="hf_...")
\`\`\`

Set \`HF_TOKEN=hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\` first. <img src="https://example.org/logo.png" width="300">
`

export const cleanModelCases: readonly CorpusCase[] = [
  clean(
    'sample-model',
    'The tiny Llama of bud model sample.',
    Object.fromEntries(sampleModelFiles().map(({ path, content }) => [path, content])),
  ),
  clean('torch-zip-protocol-2', 'What torch.save writes.', { 'pytorch_model.bin': torchZip(everyType) }),
  clean('torch-zip-protocol-4', 'The same by a newer protocol, with parameters.', {
    'model.pt': torchZip(newerStateDict(4)),
  }),
  clean('torch-zip-protocol-5', 'The same by the newest protocol.', { 'model.pth': torchZip(newerStateDict(5)) }),
  clean('torch-zip-deflated', 'Packed by another program.', { 'model.pt': torchZip(everyType, { deflate: true }) }),
  clean('torch-zip-descriptors', 'Sizes behind the entries, as streams are written.', {
    'model.pt': withDescriptors(),
  }),
  clean('torch-zip-aligned', 'Entries begin at multiples of 64, as torch pads them.', { 'model.pt': aligned() }),
  clean('torch-legacy', 'What torch.save wrote before version 1.6.', { 'pytorch_model.bin': legacy }),
  clean('state-dict-pickle', 'A state dict without an archive.', { 'weights.pkl': everyType }),
  clean('sharded-safetensors', 'Two shards and their index.', {
    'model-00001-of-00002.safetensors': shard('model.a', 1),
    'model-00002-of-00002.safetensors': shard('model.b', 2),
    'model.safetensors.index.json': Buffer.from(
      JSON.stringify({
        metadata: { total_size: 2048 },
        weight_map: { 'model.a': 'model-00001-of-00002.safetensors', 'model.b': 'model-00002-of-00002.safetensors' },
      }),
    ),
  }),
  clean(
    'safetensors-odd',
    'No tensors, tensors without elements, scalars, padding with spaces, metadata that is base64 of a picture.',
    {
      'empty.safetensors': safetensorsOf({}, Buffer.alloc(0)),
      'zero.safetensors': safetensorsOf(
        {
          __metadata__: {
            thumbnail: Buffer.from('89504e470d0a1a0a0000000d', 'hex').toString('base64'),
            note: 'cosine schedule\nsystem prompt\n',
          },
          none: { dtype: 'F32', shape: [0, 16], data_offsets: [0, 0] },
          scalar: { dtype: 'I64', shape: [], data_offsets: [0, 8] },
        },
        Buffer.alloc(8),
      ),
      'padded.safetensors': padded(),
      'fp8.safetensors': safetensorsOf({ w: { dtype: 'F8_E4M3', shape: [4, 4], data_offsets: [0, 16] } }, noise(16, 8)),
    },
  ),
  clean('numpy', 'Arrays of numbers, alone and together.', {
    'embeddings.npy': floats,
    'all.npz': zipOf([
      { name: 'a.npy', content: floats },
      { name: 'b.npy', content: floats, deflate: true },
    ]),
  }),
  clean('texts', 'Card, licence, tokens and merges.', {
    'README.md': Buffer.from(README),
    LICENSE: Buffer.from('Copyright (c) 2024\n\nPermission is hereby granted, free of charge, to any person …\n'),
    'merges.txt': Buffer.from('#version: 0.2\nĠ t\nc os\nh e\n'),
    'vocab.json': Buffer.from(JSON.stringify({ '<s>': 0, __class__: 1, eval: 2, 'os.system': 3, sk: 4 })),
    'vocab.txt': Buffer.from('[PAD]\n[UNK]\ncos\nsystem\nthe\n.\n'),
    'special_tokens_map.json': Buffer.from('{"bos_token":"<s>"}'),
    '.gitattributes': Buffer.from('*.safetensors filter=lfs diff=lfs merge=lfs -text\n'),
    '.gitkeep': Buffer.alloc(0),
  }),
  clean('other-binaries', 'A SentencePiece model, a picture, a font of weights.', {
    'tokenizer.model': Buffer.concat([
      Buffer.from('0a0e0a053c756e6b3e150000000018020a0a0a033c733e1500000000', 'hex'),
      noise(500, 6),
    ]),
    'logo.png': Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), noise(800, 7)]),
    'model.dat': Buffer.concat([Buffer.from('MZ'), noise(3000, 11)]),
    'rng.bin': noise(20_000, 12),
  }),
]

/** torch pads each entry with an extra field so that tensors can be mapped into memory. */
function aligned(): Buffer {
  const first = zipOf([{ name: 'archive/data.pkl', content: everyType }], { withoutDirectory: true })
  const missing = (64 - ((first.length + 30 + 'archive/data/0'.length) % 64)) % 64
  const pad = Math.max(4, missing)
  const extra = Buffer.alloc(pad)
  extra.write('FB', 0, 'latin1')
  extra.writeUInt16LE(pad - 4, 2)
  return zipOf([
    { name: 'archive/data.pkl', content: everyType },
    { name: 'archive/data/0', content: noise(4096, 5), localExtra: extra },
    { name: 'archive/version', content: Buffer.from('3\n') },
  ])
}

/** Local headers without sizes, which follow each entry. */
function withDescriptors(): Buffer {
  const member = (name: string, content: Buffer): ZipMember => ({
    name,
    content,
    deflate: true,
    flags: 8,
    descriptor: true,
  })
  return zipOf([
    member('archive/data.pkl', everyType),
    member('archive/data/0', noise(4096, 5)),
    member('archive/version', Buffer.from('3\n')),
  ])
}

function padded(): Buffer {
  const sound = soundSafetensors()
  const headerBytes = Number(sound.readBigUInt64LE(0))
  const header = Buffer.concat([sound.subarray(8, 8 + headerBytes), Buffer.alloc(5, 0x20)])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, sound.subarray(8 + headerBytes)])
}
