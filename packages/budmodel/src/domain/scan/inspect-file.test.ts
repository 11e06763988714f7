import { describe, expect, it } from 'vitest'
import { pickleOp as p, pickleOf, stateDictPickle } from '../../testing/pickle-writer.ts'
import { safetensorsOf, soundSafetensors, withHeader } from '../../testing/safetensors-writer.ts'
import { legacyTorchOf } from '../../testing/torch-legacy-writer.ts'
import { zipOf } from '../../testing/zip-writer.ts'
import { fileInMemory } from '../formats/ranged-file.ts'
import { inspectFile } from './inspect-file.ts'
import type { FileScan } from './scan-report.ts'
import { eicarTestString, SignatureSearch } from './signature-search.ts'

const inspect = (path: string, content: Uint8Array): Promise<FileScan> => inspectFile(fileInMemory(path, content))

type Outcome = 'clean' | 'blocked' | 'incomplete'
function outcomeOf(scan: FileScan, bytes: number): Outcome {
  if (scan.findings.some(({ severity }) => severity === 'block')) return 'blocked'
  return scan.bytes_covered < bytes ? 'incomplete' : 'clean'
}

const osSystem = [p.global('os', 'system'), p.text('id'), p.tuple1(), p.reduce()]
const stateDict = stateDictPickle([{ name: 'model.embed', storage: 'BFloat16Storage', elements: 4 }])
const weights = Buffer.alloc(8, 7)
const torchZip = (pickle: Uint8Array, deflate = false) =>
  zipOf([
    { name: 'archive/data.pkl', content: pickle, deflate },
    { name: 'archive/byteorder', content: Buffer.from('little') },
    { name: 'archive/data/0', content: weights },
    { name: 'archive/version', content: Buffer.from('3\n') },
  ])
const legacyTorch = (object: Uint8Array) =>
  legacyTorchOf({ object, storages: [{ key: '0', elements: 4, content: weights }] })
const npy = (description: string, data: Uint8Array) => {
  const header = Buffer.from(`${description}\n`)
  const length = Buffer.alloc(2)
  length.writeUInt16LE(header.length)
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.of(1, 0), length, header, data])
}

describe('pickles', () => {
  const bad: [string, Uint8Array, string][] = [
    ['os.system by GLOBAL', pickleOf(p.proto(2), ...osSystem, p.stop()), 'pickle-global'],
    ['os.system in protocol 0', Buffer.from("cos\nsystem\n(S'id'\ntR."), 'pickle-global'],
    ['os.system by INST', Buffer.from("(S'id'\nios\nsystem\n."), 'pickle-global'],
    [
      'builtins.exec by STACK_GLOBAL',
      pickleOf(
        p.proto(4),
        p.shortText('builtins'),
        p.shortText('exec'),
        p.stackGlobal(),
        p.text('1'),
        p.tuple1(),
        p.reduce(),
        p.stop(),
      ),
      'pickle-global',
    ],
    [
      'a name fetched from the memo',
      pickleOf(
        p.proto(4),
        p.shortText('system'),
        p.memoize(),
        p.pop(),
        p.shortText('os'),
        p.binPut(9),
        p.pop(),
        p.binGet(9),
        p.binGet(0),
        p.stackGlobal(),
        p.stop(),
      ),
      'pickle-global',
    ],
    [
      'a name that is only known when run',
      pickleOf(p.proto(4), p.none(), p.shortText('system'), p.stackGlobal(), p.stop()),
      'pickle-global',
    ],
    [
      'an escaped name',
      pickleOf(p.proto(0), p.stringLine("'o\\x73'"), p.stringLine("'system'"), p.stackGlobal(), p.stop()),
      'pickle-global',
    ],
    [
      'a dotted detour through torch',
      pickleOf(p.proto(4), p.shortText('torch'), p.shortText('serialization.os.system'), p.stackGlobal(), p.stop()),
      'pickle-global',
    ],
    [
      'numpy’s builtins',
      pickleOf(p.proto(4), p.shortText('numpy'), p.shortText('__builtins__.eval'), p.stackGlobal(), p.stop()),
      'pickle-global',
    ],
    [
      'a module nobody has listed as bad',
      pickleOf(p.proto(2), p.global('pip._internal', 'main'), p.emptyTuple(), p.reduce(), p.stop()),
      'pickle-global',
    ],
    ['a registered extension', pickleOf(p.proto(2), p.extension(7), p.stop()), 'pickle-extension'],
    [
      'a patched class',
      pickleOf(p.proto(2), p.global('torch', 'Tensor'), p.emptyDict(), p.build(), p.stop()),
      'pickle-patches-global',
    ],
    [
      'a pickle inside a value',
      pickleOf(p.proto(2), p.bytes(pickleOf(p.proto(2), ...osSystem, p.stop())), p.stop()),
      'pickle-nested',
    ],
    [
      'a second pickle after the first',
      Buffer.concat([stateDict, pickleOf(p.proto(2), ...osSystem, p.stop())]),
      'pickle-global',
    ],
    [
      'a protocol 0 pickle after the first',
      Buffer.concat([stateDict, Buffer.from("cos\nsystem\n(S'id'\ntR.")]),
      'pickle-global',
    ],
    ['code before an unreadable rest', pickleOf(p.proto(2), ...osSystem, Buffer.of(0xff)), 'pickle-global'],
    ['a huge memo index', pickleOf(p.proto(2), ...osSystem, p.longBinPut(0xfffffff0), p.stop()), 'pickle-global'],
    ['code in torch’s old format', legacyTorch(pickleOf(p.proto(2), ...osSystem, p.stop())), 'pickle-global'],
  ]
  for (const [what, content, rule] of bad) {
    it(`blocks ${what}`, async () => {
      const scan = await inspect('pytorch_model.bin', content)
      expect(outcomeOf(scan, content.length)).toBe('blocked')
      expect(scan.findings.map((entry) => entry.rule)).toContain(rule)
    })
  }

  it('names the global, where it stands, and what to do', async () => {
    const scan = await inspect('weights.pt', pickleOf(p.proto(2), ...osSystem, p.stop()))
    expect(scan.findings[0]).toEqual({
      severity: 'block',
      rule: 'pickle-global',
      message:
        'weights.pt names os.system, which weight files do not need: loading it could run code. Use safetensors, or leave the file out.',
      offset: 2,
      evidence: 'os.system',
    })
  })

  it('finds pickles whatever the file is called', async () => {
    for (const name of ['notes.txt', 'tokenizer.json', 'model.safetensors', 'README', 'image.png']) {
      for (const content of [pickleOf(p.proto(4), ...osSystem, p.stop()), Buffer.from("cos\nsystem\n(S'id'\ntR.")]) {
        expect(outcomeOf(await inspect(name, content), content.length)).toBe('blocked')
      }
    }
  })

  const unreadable: [string, Uint8Array][] = [
    ['no pickle at all', Buffer.from('this is not a pickle')],
    ['one that is cut short', stateDict.subarray(0, 60)],
    ['a value longer than the file', pickleOf(p.proto(4), Buffer.of(0x8e, 255, 255, 255, 255, 255, 255, 31, 0))],
    ['a missing memo entry', pickleOf(p.proto(2), p.binGet(3), p.stop())],
    ['an empty stack', pickleOf(p.proto(2), p.tuple2(), p.stop())],
  ]
  for (const [what, content] of unreadable) {
    it(`calls a weight file incomplete, not clean, with ${what}`, async () => {
      expect(outcomeOf(await inspect('pytorch_model.bin', content), content.length)).toBe('incomplete')
    })
  }

  it('passes state dictionaries in both of torch’s formats', async () => {
    for (const content of [stateDict, legacyTorch(stateDict), torchZip(stateDict), torchZip(stateDict, true)]) {
      const scan = await inspect('pytorch_model.bin', content)
      expect(scan.findings).toEqual([])
      expect(scan.bytes_covered).toBe(content.length)
    }
  })
})

describe('zip archives', () => {
  const malicious = pickleOf(p.proto(2), ...osSystem, p.stop())
  const bad: [string, string, Uint8Array, string][] = [
    ['a bad data.pkl', 'model.pth', torchZip(malicious), 'pickle-global'],
    ['a packed bad data.pkl', 'model.pth', torchZip(malicious, true), 'pickle-global'],
    ['an odd extension', 'vocab.dat', torchZip(malicious), 'pickle-global'],
    [
      'a pickle with an odd name inside',
      'model.pt',
      zipOf([{ name: 'a/readme.txt', content: malicious }]),
      'pickle-global',
    ],
    ['the encrypted flag', 'model.pt', zipOf([{ name: 'a/data.pkl', content: malicious, flags: 1 }]), 'pickle-global'],
    [
      'bytes before the archive',
      'model.pt',
      zipOf([{ name: 'a/data.pkl', content: malicious }], { prefix: Buffer.alloc(64, 0x41) }),
      'pickle-global',
    ],
    [
      'no directory at its end',
      'model.pt',
      zipOf([{ name: 'a/data.pkl', content: malicious }], { withoutDirectory: true }),
      'pickle-global',
    ],
    [
      'two names for one entry',
      'model.pt',
      zipOf([{ name: 'a/data.pkl', directoryName: 'a/data.txt', content: stateDict }]),
      'zip-disagrees',
    ],
    [
      'an entry twice',
      'model.pt',
      zipOf([1, 2].map(() => ({ name: 'a/data.pkl', content: stateDict }))),
      'zip-duplicate-entry',
    ],
    [
      'an unlisted entry',
      'model.pt',
      zipOf([
        { name: 'a/x', content: malicious, unlisted: true },
        { name: 'a/data.pkl', content: stateDict },
      ]),
      'zip-hidden-entry',
    ],
    ['a path that leads out', 'model.pt', zipOf([{ name: '../../etc/cron.d/x', content: weights }]), 'zip-slip'],
    [
      'a symbolic link',
      'model.pt',
      zipOf([{ name: 'a/link', content: Buffer.from('/etc/passwd'), unixMode: 0o120777 }]),
      'zip-symlink',
    ],
    [
      'a program',
      'model.pt',
      zipOf([{ name: 'a/lib', content: Buffer.concat([Buffer.from('\x7fELF'), weights]) }]),
      'executable',
    ],
    [
      'an archive in an archive',
      'model.pt',
      zipOf([{ name: 'a/inner.zip', content: torchZip(malicious), deflate: true }]),
      'pickle-global',
    ],
    [
      'a bomb',
      'model.npz',
      zipOf([{ name: 'a.npy', content: Buffer.alloc(80 * 1024 * 1024), deflate: true }]),
      'zip-bomb',
    ],
    [
      'the test virus, packed',
      'model.zip',
      zipOf([{ name: 'a.txt', content: Buffer.from(eicarTestString), deflate: true }]),
      'eicar-test-file',
    ],
    [
      'an archive hidden behind a picture',
      'logo.png',
      Buffer.concat([Buffer.from('\x89PNG\r\n', 'latin1'), Buffer.alloc(100), torchZip(malicious)]),
      'pickle-global',
    ],
  ]
  for (const [what, path, content, rule] of bad) {
    it(`blocks ${what}`, async () => {
      const scan = await inspect(path, content)
      expect(outcomeOf(scan, content.length)).toBe('blocked')
      expect(scan.findings.map((entry) => entry.rule)).toContain(rule)
    })
  }

  it('calls archives it cannot open incomplete', async () => {
    for (const content of [
      torchZip(stateDict).subarray(0, 200),
      zipOf([{ name: 'a', content: weights }], { withoutDirectory: true }),
    ]) {
      expect(outcomeOf(await inspect('model.pt', content), content.length)).toBe('incomplete')
    }
  })
})

describe('safetensors', () => {
  const sound = soundSafetensors()
  const bad: [string, Uint8Array, string, RegExp][] = [
    [
      'cut short in the data',
      sound.subarray(0, sound.length - 5),
      'safetensors-cut-short',
      /cut short: 5 of \d+ bytes are missing/,
    ],
    [
      'cut short in the header',
      sound.subarray(0, 40),
      'safetensors-cut-short',
      /cut short inside its header: at least \d+ bytes/,
    ],
    ['shorter than its length field', sound.subarray(0, 5), 'safetensors-cut-short', /at least 3 bytes are missing/],
    ['trailing data', Buffer.concat([sound, weights]), 'safetensors-trailing-data', /8 bytes after its last tensor/],
    [
      'overlapping tensors',
      safetensorsOf(
        {
          a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
        },
        Buffer.alloc(12),
      ),
      'safetensors-overlap',
      /"b" starts at 4/,
    ],
    [
      'a hole between tensors',
      safetensorsOf(
        { a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] }, b: { dtype: 'U8', shape: [2], data_offsets: [6, 8] } },
        Buffer.alloc(8),
      ),
      'safetensors-hole',
      /4 bytes between "a" and tensor "b"/,
    ],
    [
      'a shape that does not match',
      safetensorsOf({ a: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, Buffer.alloc(8)),
      'safetensors-tensor-invalid',
      /needs 12 bytes/,
    ],
    [
      'an unknown dtype',
      safetensorsOf({ a: { dtype: 'toString', shape: [8], data_offsets: [0, 8] } }, Buffer.alloc(8)),
      'safetensors-tensor-invalid',
      /unknown dtype/,
    ],
    [
      'a size beyond counting',
      safetensorsOf({ a: { dtype: 'U8', shape: [2 ** 52, 2 ** 52], data_offsets: [0, 8] } }, Buffer.alloc(8)),
      'safetensors-tensor-invalid',
      /cannot be counted/,
    ],
    [
      'a header of 2^60 bytes',
      withHeader(Buffer.from('{}'), weights, 2n ** 60n),
      'safetensors-header-too-large',
      /announces a header/,
    ],
    [
      'a deeply nested header',
      withHeader(Buffer.from(`{"a":${'['.repeat(100_000)}`), weights),
      'safetensors-header-invalid',
      /nested deeper/,
    ],
    [
      'a header that is no JSON',
      withHeader(Buffer.from('{"a"'), weights),
      'safetensors-header-invalid',
      /not valid JSON/,
    ],
  ]
  for (const [what, content, rule, message] of bad) {
    it(`blocks ${what}`, async () => {
      const scan = await inspect('model.safetensors', content)
      expect(outcomeOf(scan, content.length)).toBe('blocked')
      const found = scan.findings.find((entry) => entry.rule === rule)
      expect(found?.message).toMatch(message)
    })
  }

  it('passes a sound file, also under another name', async () => {
    for (const name of ['model.safetensors', 'adapter.data']) {
      expect(await inspect(name, sound)).toEqual({ format: 'safetensors', bytes_covered: sound.length, findings: [] })
    }
  })
})

describe('other files', () => {
  const cases: [string, string, Uint8Array, Outcome, string | undefined][] = [
    ['ELF programs', 'libfast.bin', Buffer.concat([Buffer.from('\x7fELF'), weights]), 'blocked', 'executable'],
    ['Mach-O programs', 'x', Buffer.from('cffaedfe0000', 'hex'), 'blocked', 'executable'],
    ['Windows programs', 'setup.txt', windowsProgram(), 'blocked', 'executable'],
    [
      'numpy arrays of objects',
      'a.npy',
      npy("{'descr': '|O', }", pickleOf(p.proto(2), ...osSystem, p.stop())),
      'blocked',
      'pickle-global',
    ],
    [
      'numpy arrays of numbers',
      'a.npy',
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", weights),
      'clean',
      undefined,
    ],
    ['Python files', 'modeling_x.py', Buffer.from('import os\n'), 'clean', 'script'],
    [
      'custom code in config.json',
      'config.json',
      Buffer.from('{"auto_map":{"AutoModel":"modeling_x.X"}}'),
      'clean',
      'custom-code',
    ],
    ['config.json that is no JSON', 'config.json', Buffer.from('{'), 'incomplete', 'config-unreadable'],
    ['GGUF files that are cut short', 'model.gguf', Buffer.from('GGUF\x03'), 'blocked', 'gguf-cut-short'],
    ['bzip2 archives', 'w.bz2', Buffer.from('425a683931415926', 'hex'), 'incomplete', 'format-not-inspected'],
    [
      'compressed files that are cut short',
      'weights.tar.gz',
      Buffer.from('1f8b0800', 'hex'),
      'incomplete',
      'gzip-unreadable',
    ],
    ['plain configuration', 'config.json', Buffer.from('{"model_type":"llama"}'), 'clean', undefined],
    ['licence texts', 'LICENSE', Buffer.from('Copyright (c) 2024\nPermission is hereby granted.'), 'clean', undefined],
    ['tokenizers', 'tokenizer.model', Buffer.from('0a0e0a053c756e6b3e1500000000', 'hex'), 'clean', undefined],
    [
      'weights that begin like a program',
      'w.dat',
      Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200, 9)]),
      'clean',
      undefined,
    ],
    ['empty files', '.gitkeep', Buffer.alloc(0), 'clean', undefined],
  ]
  for (const [what, path, content, outcome, rule] of cases) {
    it(`calls ${what} ${outcome}`, async () => {
      const scan = await inspect(path, content)
      expect(outcomeOf(scan, content.length)).toBe(outcome)
      expect(scan.findings.map((entry) => entry.rule)).toEqual(rule ? expect.arrayContaining([rule]) : [])
    })
  }
})

describe('signatures', () => {
  it('are found wherever the chunks are cut, once each, at their place', () => {
    const content = Buffer.concat([
      Buffer.alloc(100, 0x58),
      Buffer.from(eicarTestString),
      Buffer.alloc(50),
      Buffer.from(eicarTestString),
    ])
    for (let size = 1; size <= content.length; size++) {
      const search = new SignatureSearch()
      for (let at = 0; at < content.length; at += size) search.push(content.subarray(at, at + size))
      expect(search.findings().map(({ offset }) => offset)).toEqual([100, 218])
      expect(search.bytesSeen).toBe(content.length)
    }
  })
})

function windowsProgram(): Buffer {
  const program = Buffer.alloc(256)
  program.write('MZ', 0, 'latin1')
  program.writeUInt32LE(128, 0x3c)
  program.write('PE', 128, 'latin1')
  return program
}
