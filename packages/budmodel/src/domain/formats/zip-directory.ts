/**
 * Reads a zip's directory the relaxed way: flags, checksums and counts are not believed, every way two readers could
 * disagree about the archive is a finding. Source: PKWARE APPNOTE.TXT 6.3.
 */

import { printable } from '../file-path.ts'
import { type Finding, finding } from '../scan/scan-report.ts'
import { partOf, type RangedFile } from './ranged-file.ts'

const END_SIGNATURE = 0x06054b50
const END64_LOCATOR_SIGNATURE = 0x07064b50
const END64_SIGNATURE = 0x06064b50
const CENTRAL_SIGNATURE = 0x02014b50
const LOCAL_SIGNATURE = 0x04034b50
const END_BYTES = 22
const CENTRAL_BYTES = 46
const LOCAL_BYTES = 30
const MAX_COMMENT_BYTES = 65_535
const MAX_ENTRIES = 100_000
/** Of end records in one file. */
const MAX_ENDS = 16
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
/** A data descriptor with signature and 64-bit sizes. */
const MAX_DESCRIPTOR_BYTES = 24
/** Of a Unix mode: links, devices, pipes and sockets. */
const UNIX_TYPE_MASK = 0xf000
const UNIX_TYPES = new Map<number, ZipEntry['kind']>([
  [0xa000, 'symlink'],
  [0x1000, 'special'],
  [0x2000, 'special'],
  [0x6000, 'special'],
  [0xc000, 'special'],
])
const ZIP64_FIELD = 1
const UNICODE_NAME_FIELD = 0x7075
/** Sizes follow the entry, the header has none. */
const DESCRIPTOR_FLAG = 8

export interface ZipEntry {
  name: string
  method: number
  flags: number
  compressedBytes: number
  /** As stated; undefined where that is not known. */
  contentBytes: number | undefined
  kind: 'file' | 'symlink' | 'special'
  /** Another name, which some readers prefer. */
  secondName: string | undefined
  localOffset: number
}

/** What an entry says of itself, where its bytes lie. */
export interface LocalHeader {
  content: RangedFile
  name: string
  method: number
  /** Undefined where the sizes follow the entry. */
  sizes: { compressedBytes: number; contentBytes: number } | undefined
  start: number
}

export interface ZipDirectory {
  entries: ZipEntry[]
  findings: Finding[]
  /** Everything in the directory was understood. */
  complete: boolean
  /** Where the first directory begins: entries end before. */
  start: number
}

interface End {
  offset: number
  /** Some reader takes it for the file's. */
  isRival: boolean
  directoryOffset: number
  directoryBytes: number
}

/** Undefined when the file has no end-of-directory record: it is no zip, or its end is missing. */
export async function readZipDirectory(file: RangedFile): Promise<ZipDirectory | undefined> {
  const ends = await findEnds(file)
  const [last] = ends
  if (!last) return undefined
  const starts = await directoryStarts(file, ends)
  const findings: Finding[] = []
  if (starts.size > 1) {
    const message = `${file.path} has ${starts.size} directories; which one is read depends on the program.`
    findings.push(finding('block', 'zip-ambiguous', message, { offset: Math.min(...starts.keys()) }))
  }
  const entries: ZipEntry[] = []
  let complete = starts.size > 0 || last.directoryBytes === 0
  for (const [start, { end, shift }] of starts)
    complete = (await readEntries(file, start, end.offset, shift, entries)) && complete
  if (!complete)
    findings.push(
      finding('warn', 'zip-unreadable', `The directory of ${file.path} cannot be read to its end.`, {
        offset: last.offset,
      }),
    )
  findings.push(...duplicates(file, entries))
  return { entries, findings, complete, start: Math.min(last.offset, ...starts.keys()) }
}

/** True when a directory that ends the file can be found: whatever the file looks like at its start. */
export const hasZipDirectory = async (file: RangedFile): Promise<boolean> =>
  (await directoryStarts(file, await findEnds(file))).size > 0

/** Some readers take the stated offset, others count back from the end: they must mean the same directory. */
async function directoryStarts(
  file: RangedFile,
  ends: readonly End[],
): Promise<Map<number, { end: End; shift: number }>> {
  const starts = new Map<number, { end: End; shift: number }>()
  for (const [i, end] of ends.entries()) {
    const stated = end.directoryOffset
    const counted = end.offset - end.directoryBytes
    // An end that is not the last one may be that of an archive stored in this one: its offsets are not this file's.
    for (const start of i === 0 || end.isRival ? [stated, counted] : [stated]) {
      if (start < 0 || start >= end.offset || starts.has(start)) continue
      if ((await signatureAt(file, start)) === CENTRAL_SIGNATURE) starts.set(start, { end, shift: start - stated })
    }
  }
  return starts
}

/** Where an entry's bytes lie, from its local header; undefined when there is no local header. */
export async function locateEntry(file: RangedFile, entry: ZipEntry): Promise<LocalHeader | undefined> {
  const header = await file.read(entry.localOffset, LOCAL_BYTES)
  if (header.length < LOCAL_BYTES) return undefined
  const view = viewOf(header)
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) return undefined
  const nameBytes = view.getUint16(26, true)
  const start = entry.localOffset + LOCAL_BYTES + nameBytes + view.getUint16(28, true)
  const content = partOf(file, `${file.path} » ${entry.name}`, start, entry.compressedBytes)
  const stated = { compressedBytes: view.getUint32(18, true), contentBytes: view.getUint32(22, true) }
  const isElsewhere =
    (view.getUint16(6, true) & DESCRIPTOR_FLAG) !== 0 || Math.max(...Object.values(stated)) === 0xffffffff
  return {
    content,
    name: decode(await file.read(entry.localOffset + LOCAL_BYTES, nameBytes)),
    method: view.getUint16(8, true),
    sizes: isElsewhere ? undefined : stated,
    start,
  }
}

/** Entries one after the other by their local headers: all that is left when the directory at the end is missing. */
export async function readLocalEntries(file: RangedFile): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = []
  let offset = 0
  while (entries.length < MAX_ENTRIES) {
    const header = await file.read(offset, LOCAL_BYTES)
    if (header.length < LOCAL_BYTES || viewOf(header).getUint32(0, true) !== LOCAL_SIGNATURE) break
    const view = viewOf(header)
    const nameBytes = view.getUint16(26, true)
    const start = offset + LOCAL_BYTES + nameBytes + view.getUint16(28, true)
    const stated = view.getUint32(18, true)
    const unknown = stated === 0 || stated === 0xffffffff
    const compressedBytes = unknown ? file.bytes - start : stated
    entries.push({
      name: decode(await file.read(offset + LOCAL_BYTES, nameBytes)),
      method: view.getUint16(8, true),
      flags: view.getUint16(6, true),
      compressedBytes,
      contentBytes: undefined,
      kind: 'file',
      secondName: undefined,
      localOffset: offset,
    })
    offset = start + compressedBytes
  }
  return entries
}

/** Bytes between entries that the directory does not list, and entries that share bytes. */
export async function checkLayout(
  file: RangedFile,
  spans: { name: string; from: number; to: number }[],
  directoryStart: number,
): Promise<Finding[]> {
  const findings: Finding[] = []
  let end = 0
  const directory = { name: 'the directory', from: directoryStart, to: directoryStart }
  for (const span of [...spans.toSorted((a, b) => a.from - b.from), directory]) {
    if (span.from < end) {
      findings.push(
        finding('block', 'zip-overlap', `${file.path}: entry "${span.name}" shares bytes with the one before.`, {
          offset: span.from,
        }),
      )
    } else if (
      span.from > end + MAX_DESCRIPTOR_BYTES ||
      (span.from - end >= 4 && (await signatureAt(file, end)) === LOCAL_SIGNATURE)
    ) {
      const hidden = (await signatureAt(file, end)) === LOCAL_SIGNATURE
      findings.push(
        hidden
          ? finding('block', 'zip-hidden-entry', `${file.path} holds an entry that its directory does not list.`, {
              offset: end,
            })
          : finding('warn', 'zip-hidden-data', `${file.path} has ${span.from - end} bytes that belong to no entry.`, {
              offset: end,
            }),
      )
    }
    end = Math.max(end, span.to)
    if (findings.length >= 20) break
  }
  return findings
}

/** End records, the last first; a 64-bit one that means another directory is a rival of the short one before it. */
async function findEnds(file: RangedFile): Promise<End[]> {
  const tailStart = Math.max(0, file.bytes - END_BYTES - MAX_COMMENT_BYTES)
  const tail = Buffer.from(await file.read(tailStart, END_BYTES + MAX_COMMENT_BYTES))
  const ends: End[] = []
  for (let at = tail.length - END_BYTES; at >= 0 && ends.length < MAX_ENDS; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END_SIGNATURE) continue
    const comment = tail.readUInt16LE(at + 20)
    if (at + END_BYTES + comment > tail.length) continue
    const offset = tailStart + at
    const short = { directoryOffset: tail.readUInt32LE(at + 16), directoryBytes: tail.readUInt32LE(at + 12) }
    // Readers that believe the comment's length take this one, others the last in the file.
    const isRival = at + END_BYTES + comment === tail.length
    const long = await findEnd64(file, offset)
    if (long) ends.push({ ...long, isRival })
    const isShortMeant = !long || (short.directoryOffset !== 0xffffffff && short.directoryBytes !== 0xffffffff)
    if (isShortMeant) ends.push({ offset: long?.offset ?? offset, ...short, isRival: isRival && !long })
  }
  return ends
}

async function findEnd64(file: RangedFile, endOffset: number): Promise<Omit<End, 'isRival'> | undefined> {
  if (endOffset < 20) return undefined
  const locator = viewOf(await file.read(endOffset - 20, 20))
  if (locator.getUint32(0, true) !== END64_LOCATOR_SIGNATURE) return undefined
  const offset = Number(locator.getBigUint64(8, true))
  const record = offset < file.bytes ? await file.read(offset, 56) : new Uint8Array()
  if (record.length < 56 || viewOf(record).getUint32(0, true) !== END64_SIGNATURE) return undefined
  const view = viewOf(record)
  return {
    offset,
    directoryOffset: Number(view.getBigUint64(48, true)),
    directoryBytes: Number(view.getBigUint64(40, true)),
  }
}

/** False when an entry cannot be read, or there are more than anyone needs. */
async function readEntries(
  file: RangedFile,
  start: number,
  end: number,
  shift: number,
  entries: ZipEntry[],
): Promise<boolean> {
  if (end - start > MAX_DIRECTORY_BYTES) return false
  const directory = Buffer.from(await file.read(start, end - start))
  let at = 0
  while (at < directory.length) {
    if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) return false
    if (entries.length >= MAX_ENTRIES) return false
    const nameBytes = directory.readUInt16LE(at + 28)
    const extraBytes = directory.readUInt16LE(at + 30)
    const next = at + CENTRAL_BYTES + nameBytes + extraBytes + directory.readUInt16LE(at + 32)
    if (next > directory.length) return false
    const extra = directory.subarray(at + CENTRAL_BYTES + nameBytes, at + CENTRAL_BYTES + nameBytes + extraBytes)
    const sizes = readSizes(directory, at, extra)
    entries.push({
      name: decode(directory.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes)),
      method: directory.readUInt16LE(at + 10),
      flags: directory.readUInt16LE(at + 8),
      compressedBytes: sizes.compressedBytes,
      contentBytes: sizes.contentBytes,
      kind: UNIX_TYPES.get((directory.readUInt32LE(at + 38) >>> 16) & UNIX_TYPE_MASK) ?? 'file',
      secondName: secondName(extra),
      localOffset: sizes.localOffset + shift,
    })
    at = next
  }
  return true
}

type Sizes = Pick<ZipEntry, 'compressedBytes' | 'localOffset'> & { contentBytes: number }

/** The zip64 extra field replaces whichever of the three 32-bit fields are all ones, in this order. */
function readSizes(directory: Buffer, at: number, extra: Buffer): Sizes {
  const field = extraField(extra, ZIP64_FIELD)
  let position = 0
  const long = (value: number): number => {
    if (value !== 0xffffffff || !field || position + 8 > field.length) return value
    position += 8
    return Number(field.readBigUInt64LE(position - 8))
  }
  const contentBytes = long(directory.readUInt32LE(at + 24))
  const compressedBytes = long(directory.readUInt32LE(at + 20))
  return { contentBytes, compressedBytes, localOffset: long(directory.readUInt32LE(at + 42)) }
}

function secondName(extra: Buffer): string | undefined {
  const field = extraField(extra, UNICODE_NAME_FIELD)
  return field && field.length > 5 ? decode(field.subarray(5)) : undefined
}

function extraField(extra: Buffer, id: number): Buffer | undefined {
  for (let i = 0; i + 4 <= extra.length; i += 4 + extra.readUInt16LE(i + 2)) {
    if (extra.readUInt16LE(i) === id) return extra.subarray(i + 4, i + 4 + extra.readUInt16LE(i + 2))
  }
  return undefined
}

/** Also names that are one on disks that do not tell letters' cases or spellings apart. */
function duplicates(file: RangedFile, entries: readonly ZipEntry[]): Finding[] {
  const seen = new Set<string>()
  for (const { name } of entries) {
    const folded = name.normalize('NFC').toLowerCase()
    if (seen.has(folded)) {
      const message = `${file.path} lists "${printable(name)}" twice; which one is read depends on the program.`
      return [finding('block', 'zip-duplicate-entry', message, { evidence: printable(name) })]
    }
    seen.add(folded)
  }
  return []
}

async function signatureAt(file: RangedFile, offset: number): Promise<number | undefined> {
  const bytes = await file.read(offset, 4)
  return bytes.length < 4 ? undefined : viewOf(bytes).getUint32(0, true)
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes)
