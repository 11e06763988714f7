/** A signature database of our own with a version, as clamd's VERSION tells it: the unsigned kind of a CVD file. */
import { createHash } from 'node:crypto'

export interface Signatures {
  /** What VERSION tells: "ClamAV 1.4.6/<version>/<date>". */
  version: number
  /** Name → bytes that are found anywhere in a file. */
  bytes: Record<string, string>
  /** Name → the whole file. */
  files: Record<string, string>
}

const HEADER_BYTES = 512
const TAR_BLOCK = 512
const MADE = { date: '25 Nov 2026 09-00 +0000', seconds: Date.UTC(2026, 10, 25, 9) / 1000 }
const FUNCTIONALITY_LEVEL = 90

/** The content of `daily.cud`: the name is what makes its version that of the whole. */
export function databaseOf({ version, bytes, files }: Signatures): Buffer {
  const count = Object.keys(bytes).length + Object.keys(files).length
  const header = (digest: string) =>
    ['ClamAV-VDB', MADE.date, version, count, FUNCTIONALITY_LEVEL, digest, 'unsigned', 'bud', MADE.seconds].join(':')
  const members: [string, string][] = [
    ['daily.ndb', lines(bytes, (name, content) => `${name}:0:*:${Buffer.from(content, 'latin1').toString('hex')}`)],
    ['daily.hdb', lines(files, (name, content) => `${hash('md5', content)}:${content.length}:${name}`)],
  ]
  const listed = members.map(([name, text]) => `${name}:${text.length}:${hash('sha256', text)}\n`)
  const archive = Buffer.concat([
    tarMember('daily.info', `${header('X')}\n${listed.join('')}`),
    ...members.map(([name, text]) => tarMember(name, text)),
    Buffer.alloc(2 * TAR_BLOCK),
  ])
  return Buffer.concat([Buffer.from(header(hash('md5', archive)).padEnd(HEADER_BYTES)), archive])
}

const lines = (entries: Record<string, string>, line: (name: string, content: string) => string): string =>
  Object.entries(entries)
    .map(([name, content]) => `${line(name, content)}\n`)
    .join('')

const hash = (algorithm: string, content: string | Buffer): string =>
  createHash(algorithm)
    .update(typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
    .digest('hex')

function tarMember(name: string, text: string): Buffer {
  const head = Buffer.alloc(TAR_BLOCK)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  head.write(name, 0)
  head.write(octal(0o644, 7), 100)
  head.write(octal(0, 7), 108)
  head.write(octal(0, 7), 116)
  head.write(octal(text.length, 11), 124)
  head.write(octal(0, 11), 136)
  head.write('        0', 148)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const content = Buffer.from(text, 'latin1')
  return Buffer.concat([head, content, Buffer.alloc((TAR_BLOCK - (content.length % TAR_BLOCK)) % TAR_BLOCK)])
}
