/** tar, gzip and zstd archives that lead elsewhere, hide code or explode, and sound ones. */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { pickleOp as p, pickleOf, stateDictPickle } from '../pickle-writer.ts'
import { soundSafetensors } from '../safetensors-writer.ts'
import { paxRecord, tarOf } from '../tar-writer.ts'
import type { CorpusCase } from './corpus-case.ts'

const osSystem = pickleOf(p.proto(2), p.global('os', 'system'), p.text('id'), p.tuple1(), p.reduce(), p.stop())
const text = Buffer.from('hello')

const bad = (
  name: string,
  path: string,
  content: Uint8Array,
  rule: string,
  why: string,
  published?: string,
): CorpusCase => ({
  name: `archive-${name}`,
  kind: 'malicious',
  files: { [path]: content },
  expects: [rule],
  why,
  ...(published === undefined ? {} : { published }),
})
const clean = (name: string, path: string, content: Uint8Array, why: string): CorpusCase => ({
  name: `archive-${name}`,
  kind: 'clean',
  files: { [path]: content },
  expects: [],
  why,
})

const inner = tarOf([
  { name: 'innocent.txt', content: text },
  { name: 'model.pkl', content: osSystem },
])

export const archiveCases: readonly CorpusCase[] = [
  bad(
    'tar-slip',
    'model.tar',
    tarOf([{ name: '../../etc/cron.d/x', content: text }]),
    'tar-slip',
    'Unpacks into a folder of the system.',
    'CVE-2007-4559',
  ),
  bad(
    'tar-absolute-long-name',
    'model.tar',
    tarOf([
      { name: '././@LongLink', type: 'L', content: Buffer.from(`/${'a/'.repeat(80)}x\0`) },
      { name: 'model.bin', content: text },
    ]),
    'tar-slip',
    'The true name stands in a record before the entry.',
  ),
  bad(
    'tar-link',
    'model.tar',
    tarOf([
      { name: 'weights', type: '2', linkTarget: '/etc' },
      { name: 'weights/passwd', content: text },
    ]),
    'tar-link',
    'A link out of the folder, and a file written through it.',
    'CVE-2025-4517',
  ),
  bad('tar-device', 'model.tar', tarOf([{ name: 'dev', type: '3' }]), 'tar-device', 'Creates a device.'),
  bad(
    'tar-pickle',
    'model.nemo',
    tarOf([{ name: './model_weights.ckpt', content: osSystem }]),
    'pickle-global',
    'A NeMo archive with code in its weights.',
  ),
  bad(
    'tar-two-sizes',
    'model.tar',
    Buffer.concat([
      tarOf(
        [
          { name: 'pax', type: 'x', content: paxRecord('size', String(inner.length)) },
          { name: 'data.bin', statedBytes: 0 },
        ],
        { withoutEnd: true },
      ),
      inner,
      Buffer.alloc(1024),
    ]),
    'tar-ambiguous',
    'Two sizes for one entry: some programs see the archive inside it as entries of its own.',
    'CVE-2025-62518',
  ),
  bad(
    'tar-after-end',
    'model.tar',
    Buffer.concat([tarOf([{ name: 'a.txt', content: text }]), inner]),
    'tar-hidden-entry',
    'A second archive behind the end of the first one.',
  ),
  bad(
    'tar-twice',
    'model.tar',
    tarOf([
      { name: 'config.json', content: Buffer.from('{}') },
      { name: './config.json', content: Buffer.from('{"a":1}') },
    ]),
    'tar-duplicate-entry',
    'What is checked is the first, what is unpacked the last.',
  ),
  bad(
    'tar-old',
    'weights.bin',
    tarOf([{ name: 'a.pkl', content: osSystem, old: true }]),
    'pickle-global',
    'A tar of 1979, without a signature.',
  ),
  bad('gzip-pickle', 'model.pkl.gz', gzipSync(osSystem), 'pickle-global', 'joblib unpacks and loads it in one go.'),
  bad('gzip-tar', 'model.tar.gz', gzipSync(inner), 'pickle-global', 'Code in an archive in a compressed file.'),
  bad('zstd-tar', 'model.tar.zst', zstdCompressSync(inner), 'pickle-global', 'The same by another method.'),
  bad(
    'zstd-second-frame',
    'model.pkl.zst',
    Buffer.concat([
      zstdCompressSync(Buffer.alloc(0)),
      Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]),
      zstdCompressSync(osSystem),
    ]),
    'pickle-global',
    'Code in the second frame, behind one that readers skip.',
  ),
  bad(
    'gzip-second-member',
    'model.pkl.gz',
    Buffer.concat([gzipSync(Buffer.alloc(0)), gzipSync(osSystem)]),
    'pickle-global',
    'Code in the second member.',
  ),
  bad(
    'gzip-bomb',
    'config.json.gz',
    gzipSync(Buffer.alloc(80 * 1024 * 1024), { level: 9 }),
    'gzip-bomb',
    'Eighty megabytes of nothing in eighty kilobytes.',
  ),
  bad(
    'zstd-bomb',
    'config.json.zst',
    zstdCompressSync(Buffer.alloc(80 * 1024 * 1024)),
    'zstd-bomb',
    'The same by another method.',
  ),
  clean(
    'tar-sound',
    'model.tar',
    tarOf([
      { name: './', type: '5' },
      { name: './model.safetensors', content: soundSafetensors() },
      { name: './config.json', content: Buffer.from('{"model_type":"llama"}') },
    ]),
    'A folder as tar packs it.',
  ),
  clean(
    'nemo-sound',
    'model.nemo',
    gzipSync(
      tarOf([
        { name: 'weights.ckpt', content: stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 4 }]) },
      ]),
    ),
    'A packed archive of honest weights.',
  ),
  clean('zstd-sound', 'vocab.json.zst', zstdCompressSync(Buffer.from('{"a":1}')), 'A packed vocabulary.'),
]
