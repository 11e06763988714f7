/** Zip archives that two programs read differently, that lead out of their folder, or that unpack without end. */
import { crc32, deflateRawSync } from 'node:zlib'
import { stateDictPickle } from '../pickle-writer.ts'
import { zipOf } from '../zip-writer.ts'
import type { CorpusCase } from './corpus-case.ts'
import { systemCall } from './torch-zips.ts'

const stateDict = stateDictPickle([{ name: 'w', storage: 'FloatStorage', elements: 4 }])
const data = Buffer.alloc(16, 7)
const sound = { name: 'a/data.pkl', content: stateDict }

const bad: [name: string, content: Uint8Array, rules: string[], why: string][] = [
  [
    'slip',
    zipOf([{ name: '../../etc/cron.d/x', content: data }]),
    ['zip-slip'],
    'An entry that leads out of the folder.',
  ],
  [
    'slip-in-middle',
    zipOf([{ name: 'a/../../../root/.ssh/authorized_keys', content: data }]),
    ['zip-slip'],
    'The same in the middle of a name.',
  ],
  [
    'slip-backslash',
    zipOf([{ name: '..\\..\\windows\\x', content: data }]),
    ['zip-slip'],
    'The same with backslashes.',
  ],
  ['absolute', zipOf([{ name: '/etc/passwd', content: data }]), ['zip-slip'], 'An absolute name.'],
  ['drive', zipOf([{ name: 'C:/windows/x', content: data }]), ['zip-slip'], 'An absolute name of Windows.'],
  [
    'zero-in-name',
    zipOf([{ name: 'a/data.pkl\0.txt', content: data }]),
    ['zip-slip'],
    'Some readers end the name at the zero.',
  ],
  [
    'direction-in-name',
    zipOf([{ name: 'a/\u202elkp.atad', content: data }]),
    ['zip-slip'],
    'A name that reads backwards.',
  ],
  [
    'symlink',
    zipOf([{ name: 'a/link', content: Buffer.from('/etc/passwd'), unixMode: 0o120777 }]),
    ['zip-symlink'],
    'A symbolic link.',
  ],
  [
    'symlink-then-file',
    zipOf([
      { name: 'a', content: Buffer.from('/tmp'), unixMode: 0o120777 },
      { name: 'a/x', content: data },
    ]),
    ['zip-symlink'],
    'A link to a folder and a file below it.',
  ],
  [
    'device',
    zipOf([{ name: 'a/null', content: Buffer.alloc(0), unixMode: 0o020666 }]),
    ['zip-special-file'],
    'A device.',
  ],
  ['duplicate', zipOf([sound, sound]), ['zip-duplicate-entry'], 'One name twice.'],
  [
    'duplicate-content',
    zipOf([sound, { name: 'a/data.pkl', content: systemCall }]),
    ['zip-duplicate-entry', 'pickle-global'],
    'One name twice, the second runs something.',
  ],
  [
    'duplicate-by-case',
    zipOf([sound, { name: 'A/DATA.PKL', content: stateDict }]),
    ['zip-duplicate-entry'],
    'Two names that are one on many disks.',
  ],
  [
    'duplicate-by-normal-form',
    zipOf([
      { name: 'a/\u00e9', content: data },
      { name: 'a/e\u0301', content: data },
    ]),
    ['zip-duplicate-entry'],
    'Two spellings of one name.',
  ],
  [
    'unlisted',
    zipOf([{ name: 'a/x', content: systemCall, unlisted: true }, sound]),
    ['zip-hidden-entry'],
    'An entry that the directory does not list.',
  ],
  [
    'unlisted-at-end',
    zipOf([sound, { name: 'a/x', content: systemCall, unlisted: true }]),
    ['zip-hidden-entry'],
    'The same behind the last entry.',
  ],
  [
    'other-method',
    zipOf([{ name: 'a/x', content: data, directoryName: 'a/y' }]),
    ['zip-disagrees'],
    'Header and directory disagree about the name.',
  ],
  [
    'other-size',
    zipOf([{ name: 'a/x', content: Buffer.alloc(400), directorySizes: { packed: 10, content: 10 } }]),
    ['zip-disagrees'],
    'Header and directory disagree about the size.',
  ],
  [
    'stored-sizes',
    zipOf([{ name: 'a/x', content: data, directorySizes: { content: 1 } }]),
    ['zip-disagrees'],
    'Not packed, yet of two sizes.',
  ],
  [
    'unpacked-size',
    zipOf([{ name: 'a/x', content: Buffer.alloc(4000), deflate: true, directorySizes: { content: 10 } }]),
    ['zip-disagrees'],
    'Unpacks to more than it says.',
  ],
  [
    'unicode-name',
    zipOf([{ name: 'a/x.txt', content: data, directoryExtra: unicodeName('a/x.txt', 'a/data.pkl') }]),
    ['zip-disagrees'],
    'A second name in an extra field.',
  ],
  ['two-directories', twoDirectories(), ['zip-ambiguous'], 'Two end records, each with its own directory.'],
  ['zip64-elsewhere', zip64Elsewhere(), ['zip-ambiguous'], 'The 64-bit end record points to another directory.'],
  ['zip64-huge', zip64Entry(), ['zip-entry-outside'], 'An entry of sixteen exabytes.'],
  ['overlap', overlapping(), ['zip-overlap'], 'Two entries share their bytes.'],
  [
    'bomb',
    zipOf([{ name: 'a.npy', content: Buffer.alloc(80 * 1024 * 1024), deflate: true }]),
    ['zip-bomb'],
    'Unpacks to a thousand times its size.',
  ],
  [
    'bomb-of-many',
    zipOf(
      Array.from({ length: 12 }, (_, i) => ({
        name: `${i}.bin`,
        content: Buffer.alloc(24 * 1024 * 1024),
        deflate: true,
      })),
    ),
    ['zip-bomb'],
    'Many entries, each small enough for itself.',
  ],
  [
    'bomb-in-zip',
    zipOf([
      {
        name: 'b.zip',
        content: zipOf([{ name: 'a', content: Buffer.alloc(80 * 1024 * 1024), deflate: true }]),
        deflate: true,
      },
    ]),
    ['zip-bomb'],
    'A bomb in an archive.',
  ],
  [
    'program',
    zipOf([{ name: 'a/lib', content: Buffer.concat([Buffer.from('\x7fELF', 'latin1'), data]) }]),
    ['executable'],
    'A program in it.',
  ],
]

function unicodeName(name: string, other: string): Buffer {
  const field = Buffer.alloc(9)
  field.writeUInt16LE(0x7075, 0)
  field.writeUInt16LE(5 + other.length, 2)
  field.writeUInt8(1, 4)
  field.writeUInt32LE(crc32(Buffer.from(name)), 5)
  return Buffer.concat([field, Buffer.from(other)])
}

/** A sound archive whose comment is the end of another one that lies before it. */
function twoDirectories(): Buffer {
  const first = zipOf([{ name: 'a/data.pkl', content: systemCall }])
  const second = zipOf([sound], { prefix: first })
  const end = Buffer.from(first.subarray(first.length - 22))
  second.writeUInt16LE(end.length, second.length - 2)
  return Buffer.concat([second, end])
}

function zip64Elsewhere(): Buffer {
  const hidden = zipOf([{ name: 'a/data.pkl', content: systemCall }])
  const directoryStart = hidden.readUInt32LE(hidden.length - 6)
  const directoryBytes = hidden.readUInt32LE(hidden.length - 10)
  const record = (at: number): Buffer => {
    const end64 = Buffer.alloc(76)
    end64.writeUInt32LE(0x06064b50, 0)
    end64.writeBigUInt64LE(44n, 4)
    end64.writeBigUInt64LE(1n, 24)
    end64.writeBigUInt64LE(1n, 32)
    end64.writeBigUInt64LE(BigInt(directoryBytes), 40)
    end64.writeBigUInt64LE(BigInt(directoryStart), 48)
    end64.writeUInt32LE(0x07064b50, 56)
    end64.writeBigUInt64LE(BigInt(at), 64)
    end64.writeUInt32LE(1, 72)
    return end64
  }
  const without = zipOf([sound], { prefix: hidden })
  return zipOf([sound], { prefix: hidden, beforeEnd: record(without.length - 22) })
}

function zip64Entry(): Buffer {
  const extra = Buffer.alloc(20)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(16, 2)
  extra.writeBigUInt64LE(0xfffffffffffffff0n, 4)
  extra.writeBigUInt64LE(0xfffffffffffffff0n, 12)
  return zipOf([{ ...sound, directoryExtra: extra, directorySizes: { packed: 0xffffffff, content: 0xffffffff } }])
}

/** A second directory entry for the bytes of the first. */
function overlapping(): Buffer {
  const archive = zipOf([sound])
  const at = archive.readUInt32LE(archive.length - 6)
  const entry = Buffer.from(archive.subarray(at, archive.length - 22))
  const second = Buffer.from(entry)
  second.write('b', 46)
  const end = Buffer.from(archive.subarray(-22))
  end.writeUInt16LE(2, 8)
  end.writeUInt16LE(2, 10)
  end.writeUInt32LE(entry.length * 2, 12)
  return Buffer.concat([archive.subarray(0, at), entry, second, end])
}

/** Packed by a deflate stream that ends early: what follows it in the entry is seen by no reader of the stream. */
const trailing: CorpusCase = {
  name: 'zip-after-deflate',
  kind: 'malicious',
  files: {
    'model.zip': zipOf([{ name: 'a/x', content: Buffer.concat([deflateRawSync(data), systemCall]), method: 8 }]),
  },
  expects: ['zip-disagrees', 'zip-hidden-data'],
  why: 'The packed bytes end before the entry does.',
}

export const zipCases: readonly CorpusCase[] = [
  ...bad.map(
    ([name, content, expects, why]): CorpusCase => ({
      name: `zip-${name}`,
      kind: 'malicious',
      files: { 'model.zip': content },
      expects,
      why,
    }),
  ),
  trailing,
]
