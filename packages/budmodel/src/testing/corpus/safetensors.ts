/** Safetensors files that lie about their layout, exhaust their reader, or carry something else. */
import { pickleOp as p, pickleOf } from '../pickle-writer.ts'
import { type HeaderEntry, safetensorsOf, soundSafetensors, withHeader } from '../safetensors-writer.ts'
import { zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const u8 = (begin: number, end: number): HeaderEntry => ({
  dtype: 'U8',
  shape: [end - begin],
  data_offsets: [begin, end],
})
const text = (json: string, data: Uint8Array, length?: bigint): Buffer =>
  length === undefined ? withHeader(Buffer.from(json), data) : withHeader(Buffer.from(json), data, length)
const eight = Buffer.alloc(8, 7)
const payload = pickleOf(p.proto(2), p.global('os', 'system'), p.text('id'), p.tuple1(), p.reduce(), p.stop())
const sound = soundSafetensors()

const bad: [name: string, content: Uint8Array, rules: string[], why: string][] = [
  ['cut-in-data', sound.subarray(0, sound.length - 5), ['safetensors-cut-short'], 'The last bytes are missing.'],
  ['cut-in-header', sound.subarray(0, 40), ['safetensors-cut-short'], 'It ends inside of its header.'],
  ['cut-in-length', sound.subarray(0, 5), ['safetensors-cut-short'], 'It ends inside of its first field.'],
  ['empty', Buffer.alloc(0), ['safetensors-cut-short'], 'Not a byte of it.'],
  ['trailing-bytes', Buffer.concat([sound, eight]), ['safetensors-trailing-data'], 'Bytes after the last tensor.'],
  [
    'trailing-program',
    Buffer.concat([sound, Buffer.from('\x7fELF', 'latin1'), eight]),
    ['safetensors-trailing-data'],
    'A program after the last tensor.',
  ],
  [
    'trailing-pickle',
    Buffer.concat([sound, payload]),
    ['safetensors-trailing-data'],
    'A pickle after the last tensor.',
  ],
  [
    'overlap',
    safetensorsOf({ a: u8(0, 8), b: u8(4, 12) }, Buffer.alloc(12)),
    ['safetensors-overlap'],
    'Two tensors share bytes.',
  ],
  [
    'same-bytes',
    safetensorsOf({ a: u8(0, 8), b: u8(0, 8) }, eight),
    ['safetensors-overlap'],
    'Two tensors are the same bytes.',
  ],
  [
    'hole',
    safetensorsOf({ a: u8(0, 4), b: u8(6, 8) }, eight),
    ['safetensors-hole'],
    'Bytes between tensors that belong to none.',
  ],
  ['hole-at-start', safetensorsOf({ a: u8(4, 8) }, eight), ['safetensors-hole'], 'Bytes before the first tensor.'],
  [
    'negative-offset',
    text('{"a":{"dtype":"U8","shape":[8],"data_offsets":[-8,0]}}', eight),
    ['safetensors-tensor-invalid'],
    'A tensor that begins inside of the header.',
  ],
  [
    'reversed-offsets',
    text('{"a":{"dtype":"U8","shape":[0],"data_offsets":[8,0]}}', eight),
    ['safetensors-tensor-invalid'],
    'A tensor that ends before it begins.',
  ],
  [
    'overflowing-offset',
    text('{"a":{"dtype":"U8","shape":[8],"data_offsets":[18446744073709551608,18446744073709551616]}}', eight),
    ['safetensors-tensor-invalid'],
    'Offsets that wrap around in 64 bits.',
  ],
  [
    'overflowing-shape',
    text('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}', eight),
    ['safetensors-tensor-invalid'],
    'A size that wraps around in 64 bits.',
  ],
  [
    'fractional-offset',
    text('{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8.5]}}', eight),
    ['safetensors-tensor-invalid'],
    'Half a byte.',
  ],
  [
    'offset-as-text',
    text('{"a":{"dtype":"U8","shape":[8],"data_offsets":["0","8"]}}', eight),
    ['safetensors-tensor-invalid'],
    'Numbers written as texts.',
  ],
  [
    'wrong-size',
    safetensorsOf({ a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, eight),
    ['safetensors-tensor-invalid'],
    'Shape and bytes do not agree.',
  ],
  [
    'unknown-dtype',
    safetensorsOf({ a: { dtype: 'OBJECT', shape: [8], data_offsets: [0, 8] } }, eight),
    ['safetensors-tensor-invalid'],
    'A type that no reader knows.',
  ],
  [
    'prototype-dtype',
    safetensorsOf({ a: { dtype: 'constructor', shape: [8], data_offsets: [0, 8] } }, eight),
    ['safetensors-tensor-invalid'],
    'A type that careless readers find on every object.',
  ],
  ['huge-header', text('{}', eight, 2n ** 60n), ['safetensors-header-too-large'], 'Announces a header of an exabyte.'],
  [
    'header-of-a-gibibyte',
    text('{}', eight, 2n ** 30n),
    ['safetensors-header-too-large'],
    'Announces a header of 1 GiB.',
  ],
  [
    'header-beyond-file',
    text('{}', eight, 5000n),
    ['safetensors-cut-short'],
    'Announces more header than there is file.',
  ],
  ['zero-header', withHeader(Buffer.alloc(0), eight), ['safetensors-header-invalid'], 'No header at all.'],
  [
    'deep-header',
    text(`{"a":${'['.repeat(50_000)}`, eight),
    ['safetensors-header-invalid'],
    'Nested fifty thousand levels deep.',
  ],
  ['no-json', text('{"a"', eight), ['safetensors-header-invalid'], 'The header is no JSON.'],
  ['list-header', text('[]', eight), ['safetensors-header-invalid'], 'The header is a list.'],
  [
    'duplicate-tensor',
    text(
      '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}}',
      eight,
    ),
    ['safetensors-duplicate-key'],
    'One name twice: which one is read depends on the program.',
  ],
  [
    'duplicate-escaped',
    text(
      '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"\\u0061":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}}',
      eight,
    ),
    ['safetensors-duplicate-key'],
    'The same, one of them written with an escape.',
  ],
  [
    'duplicate-offsets',
    text('{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,4],"data_offsets":[0,8]}}', eight),
    ['safetensors-duplicate-key'],
    'Two places for one tensor.',
  ],
  [
    'invalid-utf8',
    withHeader(
      Buffer.concat([
        Buffer.from('{"'),
        Buffer.of(0xff),
        Buffer.from('":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}'),
      ]),
      eight,
    ),
    ['safetensors-header-invalid'],
    'The header is no text.',
  ],
  [
    'padded-with-zeros',
    text('{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}\0\0\0\0', eight),
    ['safetensors-header-invalid'],
    'Padding that is no white space hides bytes from strict readers.',
  ],
  [
    'metadata-no-texts',
    text('{"__metadata__":{"a":{"b":1}},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}', eight),
    ['safetensors-header-invalid'],
    'Metadata that is not a map of texts.',
  ],
  [
    'metadata-pickle-base64',
    safetensorsOf({ __metadata__: { config: payload.toString('base64') }, a: u8(0, 8) }, eight),
    ['safetensors-hidden-pickle'],
    'A pickle in the metadata, for a loader that unpacks it.',
  ],
  [
    'metadata-pickle-hex',
    safetensorsOf({ __metadata__: { state: payload.toString('hex') }, a: u8(0, 8) }, eight),
    ['safetensors-hidden-pickle'],
    'The same in hexadecimal.',
  ],
  [
    'metadata-pickle-text',
    safetensorsOf({ __metadata__: { state: "cos\nsystem\n(S'id'\ntR." }, a: u8(0, 8) }, eight),
    ['safetensors-hidden-pickle'],
    'The same as text.',
  ],
  [
    'data-is-pickle',
    safetensorsOf({ a: { dtype: 'U8', shape: [payload.length], data_offsets: [0, payload.length] } }, payload),
    ['safetensors-hidden-pickle'],
    'A tensor of bytes is a pickle, for a loader that unpacks it.',
  ],
  [
    'data-is-program',
    safetensorsOf({ a: u8(0, 64) }, Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(57)])),
    ['safetensors-hidden-program'],
    'A tensor of bytes is a program.',
  ],
  ['really-a-zip', zipOf([{ name: 'a/data', content: eight }]), ['format-disguised'], 'A zip archive by another name.'],
]

export const safetensorsCases: readonly CorpusCase[] = bad.map(([name, content, expects, why]) => ({
  name: `safetensors-${name}`,
  kind: 'malicious',
  files: { 'model.safetensors': content },
  expects,
  why,
}))
