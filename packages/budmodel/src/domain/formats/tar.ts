/**
 * Reads a tar archive header by header: v7, ustar, GNU long names, pax. Names and sizes that two programs would read
 * differently are problems. Source: POSIX.1-2017 pax, GNU tar manual "Basic Tar Format".
 */
import { partOf, type RangedFile } from './ranged-file.ts'

const BLOCK = 512
const MAX_ENTRIES = 100_000
/** 11 octal digits: larger sizes stand in a pax record alone. */
const LARGEST_IN_HEADER = 8 ** 11
/** Long names and pax records: no honest one is larger. */
const MAX_EXTENSION_BYTES = 1024 * 1024
const MAX_EXTENSIONS_IN_A_ROW = 8

export interface TarEntry {
  name: string
  kind: 'file' | 'folder' | 'symlink' | 'hardlink' | 'device' | 'sparse' | 'unknown'
  linkTarget: string
  offset: number
  content: RangedFile
}

export interface TarProblem {
  /** `block`: two programs read it differently; `unreadable`: it cannot be followed from here on. */
  kind: 'block' | 'unreadable'
  rule: string
  message: string
  offset: number
}

export interface TarWalk {
  entries: number
  problems: TarProblem[]
  /** Where the archive ends: after its two empty blocks, or where it could no longer be followed. */
  end: number
  complete: boolean
}

/** True for a block with a sound header checksum: what every tar program goes by. */
export function looksLikeTar(head: Uint8Array): boolean {
  return head.length >= BLOCK && hasSoundChecksum(Buffer.from(head.subarray(0, BLOCK)))
}

interface Extension {
  name?: string | undefined
  linkTarget?: string | undefined
  bytes?: number | undefined
  sparse?: boolean
}

/** Hands every entry to `visit`, in order. Never throws for what the file contains. */
export async function walkTar(file: RangedFile, visit: (entry: TarEntry) => Promise<void>): Promise<TarWalk> {
  const walk: TarWalk = { entries: 0, problems: [], end: 0, complete: false }
  let global: Extension = {}
  let pending: Extension = {}
  let extensions = 0
  const stop = (rule: string, message: string) => {
    walk.problems.push({ kind: 'unreadable', rule, message, offset: walk.end })
    return walk
  }
  while (walk.end < file.bytes) {
    const header = Buffer.from(await file.read(walk.end, BLOCK))
    if (header.length < BLOCK) return stop('tar-cut-short', 'is cut short inside a header')
    if (header.every((byte) => byte === 0)) {
      walk.end = await endOfPadding(file, walk.end)
      walk.complete = true
      return walk
    }
    if (!hasSoundChecksum(header)) return stop('tar-unreadable', 'has a header whose checksum is wrong')
    const stated = numberAt(header, 124, 12)
    if (stated === undefined) return stop('tar-unreadable', 'has a header without a size')
    const type = String.fromCharCode(header[156] ?? 0)
    const start = walk.end + BLOCK
    if (isExtension(type)) {
      if (++extensions > MAX_EXTENSIONS_IN_A_ROW)
        return stop('tar-unreadable', 'has long-name records without an entry')
      if (stated > MAX_EXTENSION_BYTES) return stop('tar-unreadable', `has a long-name record of ${stated} bytes`)
      if (start + stated > file.bytes) return stop('tar-cut-short', 'is cut short inside a long-name record')
      const record = Buffer.from(await file.read(start, stated))
      const read = readExtension(type, record)
      if (read === undefined) return stop('tar-unreadable', 'has a pax record that cannot be read')
      if (type === 'g') global = { ...global, ...read }
      else pending = { ...pending, ...read }
      walk.end = start + padded(stated)
      continue
    }
    const extension = { ...global, ...pending }
    const bytes = extension.bytes ?? stated
    const tooLargeForHeader = stated === 0 && bytes >= LARGEST_IN_HEADER
    if (bytes !== stated && !tooLargeForHeader) {
      walk.problems.push({
        kind: 'block',
        rule: 'tar-ambiguous',
        message: `gives two sizes for one entry (${stated} and ${bytes}); what is read depends on the program`,
        offset: walk.end,
      })
    }
    const entry = toEntry(file, header, { type, start, bytes, extension })
    const data = holdsData(type) ? bytes : 0
    if (data > 0 && start + data > file.bytes) return stop('tar-cut-short', `is cut short inside "${entry.name}"`)
    if (++walk.entries > MAX_ENTRIES) return stop('tar-unreadable', `has more than ${MAX_ENTRIES} entries`)
    await visit(entry)
    walk.end = start + padded(data)
    pending = {}
    extensions = 0
  }
  // Many programs leave out the two empty blocks at the end.
  walk.end = Math.min(walk.end, file.bytes)
  walk.complete = walk.entries > 0
  return walk
}

function toEntry(
  file: RangedFile,
  header: Buffer,
  { type, start, bytes, extension }: { type: string; start: number; bytes: number; extension: Extension },
): TarEntry {
  const ustar = header.toString('latin1', 257, 262) === 'ustar'
  const prefix = ustar && header[262] === 0 ? textAt(header, 345, 155) : ''
  const short = textAt(header, 0, 100)
  const name = extension.name ?? (prefix === '' ? short : `${prefix}/${short}`)
  const kind = extension.sparse ? 'sparse' : kindOf(type, name)
  return {
    name,
    kind,
    linkTarget: extension.linkTarget ?? textAt(header, 157, 100),
    offset: start - BLOCK,
    content: partOf(file, `${file.path} » ${name}`, start, holdsData(type) ? bytes : 0),
  }
}

function kindOf(type: string, name: string): TarEntry['kind'] {
  switch (type) {
    case '0':
    case '\0':
    case '7':
      return name.endsWith('/') ? 'folder' : 'file'
    case '1':
      return 'hardlink'
    case '2':
      return 'symlink'
    case '3':
    case '4':
    case '6':
      return 'device'
    case '5':
      return 'folder'
    case 'S':
      return 'sparse'
    default:
      return 'unknown'
  }
}

/** Links, devices and folders have no bytes of their own, whatever their size field says. */
const holdsData = (type: string): boolean => !'123456'.includes(type)

const isExtension = (type: string): boolean => 'LKxg'.includes(type)

function readExtension(type: string, record: Buffer): Extension | undefined {
  if (type === 'L') return { name: cString(record) }
  if (type === 'K') return { linkTarget: cString(record) }
  return readPax(record)
}

/** "<length> <key>=<value>\n" records; undefined when one of them is not. */
function readPax(record: Buffer): Extension | undefined {
  const extension: Extension = {}
  let at = 0
  while (at < record.length && record[at] !== 0) {
    const space = record.indexOf(0x20, at)
    const length = space < 0 || space - at > 10 ? Number.NaN : Number(record.toString('latin1', at, space))
    if (!Number.isSafeInteger(length) || length < space - at + 3 || at + length > record.length) return undefined
    const equals = record.indexOf(0x3d, space)
    if (equals < 0 || equals >= at + length || record[at + length - 1] !== 0x0a) return undefined
    const key = record.toString('utf8', space + 1, equals)
    const value = record.toString('utf8', equals + 1, at + length - 1)
    if (key === 'path') extension.name = value
    else if (key === 'linkpath') extension.linkTarget = value
    else if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) return undefined
      extension.bytes = Number(value)
    } else if (key.startsWith('GNU.sparse.')) extension.sparse = true
    at += length
  }
  return extension
}

function hasSoundChecksum(header: Buffer): boolean {
  const stated = numberAt(header, 148, 8)
  if (stated === undefined || stated === 0) return false
  let unsigned = 0
  let signed = 0
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 0x20 : (header[i] ?? 0)
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return stated === unsigned || stated === signed
}

/** Octal text, or GNU's base 256; undefined when it is neither. */
function numberAt(header: Buffer, at: number, length: number): number | undefined {
  const field = header.subarray(at, at + length)
  if ((field[0] ?? 0) & 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f)
    return Number.isSafeInteger(value) ? value : undefined
  }
  const text = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trimStart()
  if (!/^[0-7]*$/.test(text)) return undefined
  return text === '' ? 0 : Number.parseInt(text, 8)
}

/** The end of the run of empty blocks that starts at `offset`. */
async function endOfPadding(file: RangedFile, offset: number): Promise<number> {
  const window = 1024 * 1024
  let at = offset
  while (at < file.bytes) {
    const bytes = await file.read(at, window)
    const used = bytes.findIndex((byte) => byte !== 0)
    if (used >= 0) return at + used - ((at + used) % BLOCK)
    at += bytes.length
  }
  return file.bytes
}

const textAt = (header: Buffer, at: number, length: number): string => cString(header.subarray(at, at + length))

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

const padded = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK
