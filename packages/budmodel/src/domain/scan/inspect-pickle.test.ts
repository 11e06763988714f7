/** Pickles one after the other, what stands behind them, and what joblib packs: nothing of it is clean unseen. */
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { npyHeader, npyOf } from '../../testing/numpy-writer.ts'
import { pickleOp as p, pickleOf, stateDictPickle } from '../../testing/pickle-writer.ts'
import { tarOf } from '../../testing/tar-writer.ts'
import { type LegacyTorch, legacyTorchOf } from '../../testing/torch-legacy-writer.ts'
import { zipOf } from '../../testing/zip-writer.ts'
import { fileInMemory } from '../formats/ranged-file.ts'
import { FindingList } from './finding-list.ts'
import { inspectFile } from './inspect-file.ts'
import { finding } from './scan-report.ts'

const sound = stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 4 }])
const lines = Buffer.from("cos\nsystem\n(S'id'\ntR.")
const osSystem = pickleOf(p.proto(2), p.global('os', 'system'), p.text('id'), p.tuple1(), p.reduce(), p.stop())

async function judge(path: string, content: Uint8Array) {
  const { format, bytes_covered, findings } = await inspectFile(fileInMemory(path, content))
  const rules = (severity: string) => findings.filter((found) => found.severity === severity).map(({ rule }) => rule)
  return { format, isCovered: bytes_covered === content.length, blocks: rules('block'), warns: rules('warn') }
}

describe('a forbidden pickle', () => {
  const harmless = fc.constantFrom(
    sound,
    pickleOf(p.proto(4), p.frame(9), p.emptyDict(), p.memoize(), p.stop()),
    Buffer.from("S'a text'\n."),
    Buffer.from('I1\n.'),
    Buffer.from('(lp0\nI1\na.'),
    Buffer.from("S'x'\np000007\n0g0007\n."),
    Buffer.from('L119547037146038801333356L\n.'),
    Buffer.from('N.'),
  )
  const names = fc.constantFrom(
    ...[
      'pytorch_model.bin',
      'training_args.bin',
      'a.pkl',
      'a.pt',
      'a.sav',
      'a.joblib',
      'a.npy',
      'notes.txt',
      'weights',
    ],
    ...[
      'config.json',
      'a.onnx',
      'model.safetensors',
      'a.h5',
      'a.gguf',
      'x.yaml',
      'a.py',
      'chat_template.jinja',
      'a.zip',
    ],
  )

  it('is never covered and clean behind other pickles, under any name, packed or not', {
    timeout: 60_000,
  }, async () => {
    const packings = fc.constantFrom(
      (_name: string, content: Buffer) => content,
      (_name: string, content: Buffer) => deflateSync(content),
      (name: string, content: Buffer) => tarOf([{ name, content }]),
      (name: string, content: Buffer) => zipOf([{ name, content, deflate: true }]),
    )
    const parts = fc.tuple(fc.array(harmless, { maxLength: 12 }), fc.constantFrom(lines, osSystem), names, packings)
    const property = fc.asyncProperty(parts, async ([before, evil, name, pack]) => {
      const { blocks } = await judge(name, pack(name, Buffer.concat([...before, evil])))
      expect(blocks).not.toEqual([])
    })
    await fc.assert(property, { numRuns: Math.min(fuzzRuns(), 20_000), seed: 20_260_501 })
  })
})

describe('what stands behind a pickle', () => {
  it('is not covered, except for zeros', async () => {
    const behind = (rest: Uint8Array) => judge('weights.pkl', Buffer.concat([sound, rest]))
    expect(await behind(Buffer.from([0, 1]))).toMatchObject({ isCovered: false, warns: ['pickle-trailing-data'] })
    expect(await behind(Buffer.alloc(4096, 0xee))).toMatchObject({ isCovered: false, blocks: [] })
    expect(await behind(Buffer.alloc(4096))).toMatchObject({ isCovered: true, blocks: [], warns: [] })
  })

  it('is not covered where there are more pickles than are followed', async () => {
    const many = Buffer.concat([...Array.from({ length: 1001 }, () => Buffer.from('I1\n.')), lines])
    for (const name of ['a.pkl', 'a.dat'])
      expect(await judge(name, many)).toMatchObject({ isCovered: false, blocks: [] })
  })

  it('is torch’s storages only where they are the ones that it announces', async () => {
    const storage = { key: '0', elements: 4, content: Buffer.alloc(16, 7) }
    const torch = (change: Partial<LegacyTorch>) => legacyTorchOf({ object: sound, storages: [storage], ...change })
    const expected = { format: 'torch-legacy', isCovered: true, blocks: [], warns: [] }
    expect(await judge('model.pt', torch({}))).toEqual(expected)
    expect(await judge('model.pt', torch({ magic: Buffer.from('L119547037146038801333356L\n.') }))).toEqual(expected)
    const others = [
      torch({ storages: [] }).subarray(0, -1),
      torch({ storages: [{ ...storage, key: 'other' }] }),
      torch({ storages: [{ ...storage, elements: 5 }] }),
      torch({ storages: [{ ...storage, elements: -1 }] }),
      torch({ storages: [storage, { ...storage, key: '1' }] }),
      torch({ object: stateDictPickle([{ name: 'w', storage: 'Tensor', elements: 4 }]) }),
      Buffer.concat([torch({}), Buffer.of(1)]),
      torch({ keys: pickleOf(p.emptyList(), p.stop()) }),
    ]
    for (const content of others)
      expect(await judge('model.pt', content)).toMatchObject({ isCovered: false, blocks: [] })
  })

  it('is not covered behind an array, unless it is arrays or pickles itself', async () => {
    const array = npyOf(npyHeader("'<f4'", '(1,)'), Buffer.alloc(4))
    const behind = (rest: Uint8Array) => judge('a.npy', Buffer.concat([array, rest]))
    expect(await behind(Buffer.of(9, 9))).toMatchObject({ isCovered: false, warns: ['numpy-trailing-data'] })
    expect(await behind(array)).toMatchObject({ isCovered: true, warns: [] })
    expect(await behind(array.subarray(0, -1))).toMatchObject({ blocks: ['numpy-cut-short'] })
    expect(await behind(lines)).toMatchObject({ blocks: ['pickle-global'] })
    expect(await behind(sound)).toMatchObject({ isCovered: true, blocks: [], warns: ['numpy-trailing-data'] })
  })
})

describe('a pickle that is larger than what is followed', () => {
  it('is not covered under any name', async () => {
    const content = Buffer.concat([Buffer.alloc(2_000_001, 'N'), lines])
    for (const name of ['a.pkl', 'notes.txt']) expect(await judge(name, content)).toMatchObject({ isCovered: false })
  })
})

describe('what joblib packs', () => {
  it('is looked into whatever its name, and all of it', async () => {
    for (const name of ['model.pkl.z', 'a.sav', 'README', 'a.joblib']) {
      expect((await judge(name, deflateSync(lines))).blocks).toContain('pickle-global')
      const behind = Buffer.concat([deflateSync(sound), Buffer.from('more')])
      expect(await judge(name, behind)).toMatchObject({ isCovered: false, blocks: [] })
    }
    const damaged = deflateSync(Buffer.concat([sound, Buffer.from(sound).fill(3)]))
    damaged.writeUInt8((damaged.at(-1) ?? 0) ^ 1, damaged.length - 1)
    expect(await judge('a.joblib', damaged)).toMatchObject({ isCovered: false, blocks: [] })
  })

  it('is not covered where it cannot be unpacked here', async () => {
    const body = '00319bcac6b27c65dfdf91599fb1d67e2d716a0571564cf2f32897ffff98ce0000'
    for (const size of ['ffffffffffffffff', '1500000000000000'])
      for (const dictionary of ['00008000', '00000400', '00000004', '00000000']) {
        const packed = Buffer.from(`5d${dictionary}${size}${body}`, 'hex')
        expect(await judge('model.sav', packed)).toMatchObject({ format: 'lzma archive', isCovered: false })
      }
    expect(await judge('model.dat', Buffer.from('ZF0x15                 x'))).toMatchObject({ isCovered: false })
  })
})

describe('a list of findings', () => {
  it('loses no rule, and says that it is cut', () => {
    const list = new FindingList()
    for (let i = 0; i < 9000; i++) list.add([finding('warn', 'script', `${i}`)])
    list.add([finding('warn', 'custom-code', 'a'), finding('block', 'script', 'b'), finding('block', 'zip-slip', 'c')])
    const kept = list.all()
    expect(kept.length).toBeLessThan(5100)
    const last = kept.slice(-4).map(({ severity, rule }) => `${severity} ${rule}`)
    expect(last).toEqual(['warn custom-code', 'block script', 'block zip-slip', 'info more-findings'])
  })
})

describe('bytes that begin like a pickle everywhere', () => {
  it('are given up after as many opcodes as anybody means well with, and not covered', async () => {
    const made = Buffer.concat([Buffer.from('ffff', 'hex'), Buffer.alloc(1024 * 1024, Buffer.from('8002', 'hex'))])
    const { bytes_covered, findings } = await inspectFile(fileInMemory('weights.dat', made))
    expect({ bytes_covered, rules: findings.map(({ rule }) => rule) }).toEqual({
      bytes_covered: 0,
      rules: ['pickle-unreadable'],
    })
  })
})
