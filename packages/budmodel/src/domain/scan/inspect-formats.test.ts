/** What leaves a file not covered, what is only remarked upon, and how fast and small hostile sizes are answered. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { countingFile } from '../../testing/damaged-files.ts'
import { ggufOf, soundGguf } from '../../testing/gguf-writer.ts'
import { hdf5Of } from '../../testing/hdf5-writer.ts'
import { judgeCase } from '../../testing/judge-case.ts'
import { npyHeader, npyOf } from '../../testing/numpy-writer.ts'
import { onnxOf, protoMessage, soundOnnx } from '../../testing/onnx-writer.ts'
import { tarOf } from '../../testing/tar-writer.ts'
import { zipOf } from '../../testing/zip-writer.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { inspectFile } from './inspect-file.ts'

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const judge = (path: string, content: Uint8Array) => judgeCase({ files: { [path]: content } })

const starting = (bytes: string) => Buffer.concat([Buffer.from(bytes, 'latin1'), Buffer.alloc(200, 3)])
const withField = (number: number) => Buffer.concat([soundOnnx(), protoMessage(number, soundOnnx().subarray(0, 0))])
/** A SavedModel whose graph has a field behind it that TensorFlow steps over. */
const tensorFlow = Buffer.concat([
  Buffer.from([8, 1]),
  protoMessage(2, protoMessage(1, Buffer.from('graph'))),
  protoMessage(7, protoMessage(1, protoMessage(4, Buffer.from('Relu')))),
])

describe('not covered, and so never clean', () => {
  const tensor = { name: 'a', shape: [32], type: 99, bytes: 0 }
  const cases: [string, string, Uint8Array, string][] = [
    ['GGUF of a later version', 'm.gguf', ggufOf([], [], { version: 9 }), 'gguf-not-understood'],
    ['GGUF with an unknown number format', 'm.gguf', ggufOf([], [tensor]), 'gguf-not-understood'],
    ['GGUF whose template is larger than any', 'm.gguf', soundGguf({}, 'x'.repeat(2 ** 20 + 1)), 'template-too-large'],
    ['GGUF whose template is none', 'm.gguf', soundGguf({}, '{% if %}{{'), 'template-unreadable'],
    ['ONNX that is cut short', 'm.onnx', soundOnnx().subarray(0, 100), 'onnx-unreadable'],
    ['ONNX without an operator', 'm.onnx', onnxOf({ nodes: [] }), 'onnx-unreadable'],
    ['ONNX with a field it does not have', 'm.onnx', withField(9), 'onnx-unreadable'],
    ['ONNX with two graphs', 'm.onnx', withField(7), 'onnx-unreadable'],
    ['TensorFlow that ends like ONNX', 'saved_model.pb', soundOnnx(), 'format-not-inspected'],
    ['TensorFlow that begins like ONNX', 'm.onnx', tensorFlow, 'onnx-unreadable'],
    ['TensorRT', 'weights.dat', starting('ftrt\0\0\0\x01'), 'format-not-inspected'],
    ['TensorFlow Lite', 'weights.dat', starting('\x1c\0\0\0TFL3'), 'format-not-inspected'],
    ['ONNX Runtime’s own format', 'weights.dat', starting('\x18\0\0\0ORTM'), 'format-not-inspected'],
    ['LLVM bitcode', 'weights.dat', starting('BC\xc0\xde'), 'format-not-inspected'],
    ['an object of Java', 'weights.dat', starting('\xac\xed\0\x05'), 'format-not-inspected'],
    ['Core ML', 'm.mlmodel', starting('\x08\x04\x12\x10'), 'format-not-inspected'],
    ['Paddle', 'm.pdmodel', starting('\x0a\x10'), 'format-not-inspected'],
    ['a program for Caffe', 'm.prototxt', Buffer.from('layer { type: "Python" }'), 'format-not-inspected'],
    ['YAML in UTF-16 without a mark', 'a.yaml', Buffer.from('a: !x 1', 'utf16le'), 'yaml-unreadable'],
    ['YAML in no encoding', 'a.yaml', Buffer.from('a: \xff!x', 'latin1'), 'yaml-unreadable'],
    ['YAML with a tag that is no YAML', 'a.yaml', Buffer.from('a: !x [1\n'), 'yaml-unreadable'],
    ['YAML with a tag, too long', 'a.yaml', Buffer.from(`a: !x 1\n${'- b\n'.repeat(200_000)}`), 'yaml-too-large'],
    ['YAML that is nested too deep', 'a.yaml', Buffer.from(`a: !x ${'['.repeat(20_000)}`), 'yaml-unreadable'],
    ['JSON in UTF-16', 'a.json', Buffer.from('{"auto_map":"x"}', 'utf16le'), 'config-unreadable'],
    ['JSON that asks for code twice', 'a.json', Buffer.from('{"auto_map":1,"auto_map":"x"}'), 'config-duplicate-key'],
    [
      'JSON that asks for code, too long',
      'a.json',
      Buffer.from(`{"auto_map":"x","a":"${'x'.repeat(2 ** 24)}"}`),
      'config-too-large',
    ],
    ['ONNX that is something else', 'm.onnx', Buffer.from('no model'), 'onnx-unreadable'],
    ['HDF5 that is something else', 'm.h5', Buffer.from('no model'), 'hdf5-unreadable'],
    ['HDF5 whose root is gone', 'm.h5', hdf5Of({}).fill(0, 96), 'hdf5-unreadable'],
    ['HDF5 of PyTables', 'm.h5', hdf5Of({ attributes: { PYTABLES_FORMAT_VERSION: '2.1' } }), 'hdf5-unreadable'],
    [
      'tar that is cut short',
      'm.tar',
      tarOf([{ name: 'a', content: Buffer.alloc(2000) }]).subarray(0, 1024),
      'tar-cut-short',
    ],
    [
      'tar with a wrong checksum',
      'm.tar',
      Buffer.concat([tarOf([{ name: 'a' }], { withoutEnd: true }), Buffer.alloc(512, 9)]),
      'tar-unreadable',
    ],
    ['gzip that is cut short', 'a.json.gz', gzipSync(Buffer.alloc(5000, 'abc')).subarray(0, 20), 'gzip-unreadable'],
    [
      'gzip with something behind it',
      'a.txt.gz',
      Buffer.concat([gzipSync('a'), Buffer.from([0x1f, 0x8b, 9, 9])]),
      'gzip-unreadable',
    ],
    ['bzip2', 'a.bz2', Buffer.from('BZh91AY&SY'), 'format-not-inspected'],
    [
      'numpy of a later version',
      'a.npy',
      npyOf(npyHeader("'<f4'", '()'), Buffer.alloc(4), { version: 9 }),
      'numpy-unreadable',
    ],
    ['numpy of an unknown type', 'a.npy', npyOf(npyHeader("'<q4'", '()'), Buffer.alloc(4)), 'numpy-unreadable'],
    [
      'Keras whose configuration is UTF-16',
      'm.keras',
      zipOf([{ name: 'config.json', content: Buffer.from('{"class_name":"Lambda"}', 'utf16le') }]),
      'config-unreadable',
    ],
  ]
  for (const [what, path, content, rule] of cases) {
    it(`is ${what}`, async () => {
      const verdict = await judge(path, content)
      expect(verdict.not_covered).toEqual([path])
      expect(verdict.warned_by).toContain(rule)
    })
  }
})

describe('archives in archives', () => {
  it('are unpacked up to one limit for all of them together', { timeout: 60_000 }, async () => {
    const inner = gzipSync(Buffer.alloc(60 * 2 ** 20))
    const middle = gzipSync(tarOf(Array.from({ length: 12 }, (_, i) => ({ name: `${i}.gz`, content: inner }))))
    const outer = tarOf(Array.from({ length: 12 }, (_, i) => ({ name: `${i}.tar.gz`, content: middle })))
    const { not_covered, warned_by } = await judge('a.tar', outer)
    expect(not_covered).toEqual(['a.tar'])
    expect(warned_by).toContain('nested-too-large')
  })
})

describe('a store that fails', () => {
  it('fails the inspection, also while something is unpacked', async () => {
    const packed = gzipSync(Buffer.alloc(5000, 'abc'))
    const zipped = zipOf([{ name: 'a.txt', content: Buffer.alloc(5000, 'abc'), deflate: true }])
    for (const [path, content] of [
      ['a.gz', packed],
      ['a.zip', zipped],
    ] as const) {
      let reads = 0
      const { file } = countingFile(path, content)
      const whole = await countReads(file)
      const failing: RangedFile = {
        ...file,
        async read(offset, length) {
          if (++reads >= whole) throw new Error('the store is gone')
          return file.read(offset, length)
        },
      }
      await expect(inspectFile(failing)).rejects.toThrow('the store is gone')
    }
  })

  async function countReads(file: RangedFile): Promise<number> {
    let unpacking = 0
    let reads = 0
    await inspectFile({
      ...file,
      async read(offset, length) {
        reads++
        if (length === 1024 * 1024) unpacking ||= reads
        return file.read(offset, length)
      },
    })
    return unpacking
  }
})

describe('only remarked upon', () => {
  const external = (location: string) =>
    onnxOf({ nodes: [{ type: 'Relu' }], tensors: [{ name: 'w', external: [['location', location]] }] })
  const cases: [string, string, Uint8Array, string][] = [
    ['GGUF for big-endian machines', 'm.gguf', soundGguf({ bigEndian: true }), 'gguf-big-endian'],
    ['bytes after the last tensor', 'm.gguf', soundGguf({ trailing: Buffer.alloc(64, 3) }), 'gguf-trailing-data'],
    ['weights in a folder below', 'm.onnx', external('data/weights.bin'), 'onnx-external-elsewhere'],
    [
      'operators of another library',
      'm.onnx',
      onnxOf({ nodes: [{ type: 'X', domain: 'my.ops' }] }),
      'onnx-custom-operator',
    ],
    [
      'an unknown setting',
      'm.onnx',
      onnxOf({
        nodes: [{ type: 'Relu' }],
        tensors: [
          {
            name: 'w',
            external: [
              ['location', 'w'],
              ['__class__', 'x'],
            ],
          },
        ],
      }),
      'onnx-external-key',
    ],
    [
      'a registered class of its own',
      'm.json',
      Buffer.from('{"class_name": "Mine", "registered_name": "pkg>Mine"}'),
      'keras-custom-object',
    ],
    [
      'a Keras library',
      'm.json',
      Buffer.from('{"class_name": "X", "module": "keras_hub.src.models"}'),
      'keras-custom-object',
    ],
    [
      'code in a video’s configuration',
      'video_preprocessor_config.json',
      json({ auto_map: { A: 'b.C' } }),
      'custom-code',
    ],
    ['code in any JSON', 'conf/some.json', json({ deep: [{ trust_remote_code: true }] }), 'custom-code'],
    ['code of a pipeline', 'model_index.json', json({ unet: ['my_unet', 'Unet'] }), 'custom-code'],
    ['a pipeline of its own', 'model_index.json', json({ _class_name: ['pipeline', 'Mine'] }), 'custom-code'],
    [
      'a library for an adapter',
      'adapter_config.json',
      json({ auto_mapping: { parent_library: 'evil' } }),
      'custom-code',
    ],
    ['a class that hydra makes', 'a.yaml', Buffer.from('_target_: src.models.Matcha\n'), 'custom-code'],
    ['a class of a known package', 'a.yaml', Buffer.from('_target_: torch.optim.AdamW\n'), 'custom-code'],
    ['a file that YAML takes in', 'a.yaml', Buffer.from('a: !include:other.yaml\n'), 'yaml-unknown-tag'],
    ['a tag of its own', 'a.yaml', Buffer.from('a: !ref <b>\n'), 'yaml-unknown-tag'],
    ['bytes behind a tar', 'm.tar', Buffer.concat([tarOf([{ name: 'a' }]), Buffer.from('more')]), 'tar-trailing-data'],
    ['bytes behind an array', 'a.npy', npyOf(npyHeader("'<f4'", '(1,)'), Buffer.alloc(9)), 'numpy-trailing-data'],
  ]
  for (const [what, path, content, rule] of cases) {
    it(`is ${what}`, async () => {
      expect(await judge(path, content)).toEqual({ blocked_by: [], warned_by: [rule], not_covered: [] })
    })
  }
})

describe('a file under another name', () => {
  const names = ['README', 'weights.bin', 'vocab.dat', 'image.png']
  it('is known by its content', async () => {
    const stolen = onnxOf({
      nodes: [{ type: 'Relu' }],
      tensors: [{ name: 'w', external: [['location', '/etc/shadow']] }],
    })
    for (const name of names) {
      expect((await judge(name, soundGguf({}, '{{ ().__class__ }}'))).blocked_by).toContain('template-escape')
      expect((await judge(name, hdf5Of({ attributes: { a: '{"class_name":"Lambda"}' } }))).blocked_by).toContain(
        'keras-lambda',
      )
      expect((await judge(name, tarOf([{ name: '../a' }]))).blocked_by).toContain('tar-slip')
      expect((await judge(name, stolen)).blocked_by).toContain('onnx-external-path')
    }
  })

  it('is not taken for ONNX for its first bytes alone', async () => {
    const content = Buffer.concat([Buffer.from([8, 7, 0x12, 0xff]), Buffer.alloc(500, 0xfe)])
    expect(await judge('weights.dat', content)).toEqual({ blocked_by: [], warned_by: [], not_covered: [] })
  })
})

describe('a large file', () => {
  /** `head` followed by zeros that nobody keeps in memory. */
  const withZeros = (path: string, head: Uint8Array, bytes: number): { file: RangedFile; bytesRead: () => number } => {
    const counted = countingFile(path, head)
    let zeros = 0
    const file: RangedFile = {
      path,
      bytes,
      async read(offset, length) {
        const content = Buffer.alloc(Math.max(0, Math.min(length, bytes - offset)))
        content.set(await counted.file.read(offset, content.length))
        zeros += content.length
        return content
      },
    }
    return { file, bytesRead: () => zeros }
  }

  it('of GGUF is read in its structure only', async () => {
    const head = ggufOf([], [{ name: 'a', shape: [2 ** 38], type: 0, bytes: 0 }])
    const { file, bytesRead } = withZeros('m.gguf', head, head.length + 4 * 2 ** 38)
    expect(await inspectFile(file)).toEqual({ format: 'gguf', bytes_covered: file.bytes, findings: [] })
    expect(bytesRead()).toBeLessThan(2 ** 20)
  })

  it('of GGUF keeps no vocabulary in memory', async () => {
    const tokens = Array.from({ length: 300_000 }, (_, i) => `${'token'.repeat(10)}${i}`)
    const content = ggufOf([['tokenizer.ggml.tokens', { type: 'texts', value: tokens }]], [])
    const { file, bytesRead } = countingFile('m.gguf', content)
    const before = process.memoryUsage().heapUsed
    expect((await inspectFile(file)).findings).toEqual([])
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 2 ** 20)
    expect(bytesRead()).toBeLessThan(2 * content.length)
  })

  it('that promises more than it holds is answered at once', async () => {
    const promise = 2n ** 30n
    const files: [string, Uint8Array][] = [
      ['m.gguf', soundGguf({ pairCount: promise })],
      ['m.gguf', soundGguf({ tensorCount: promise })],
      ['a.npy', npyOf('{', Buffer.alloc(900), { version: 2, headerBytes: 2 ** 30 })],
      ['m.tar', tarOf([{ name: 'a', statedBytes: 2 ** 30 }])],
      ['m.onnx', Buffer.concat([Buffer.from([8, 9, 0x3a, 0x80, 0x80, 0x80, 0x80, 4]), Buffer.alloc(900)])],
      ['m.h5', hdf5Of({ datasets: [{ name: 'a', shape: [2 ** 30, 2 ** 10] }] })],
    ]
    for (const [path, content] of files) {
      const { file, bytesRead } = countingFile(path, content)
      const scan = await inspectFile(file)
      expect([path, scan.findings.length > 0]).toEqual([path, true])
      expect(bytesRead()).toBeLessThan(100_000)
    }
  })
})
