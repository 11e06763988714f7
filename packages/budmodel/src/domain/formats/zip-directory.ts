/**
 * Reads a zip's directory the relaxed way: flags, checksums and counts are not believed, every way two readers could
 * disagree about the archive is a finding. Source: PKWARE APPNOTE.TXT 6.3.
 */

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
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
/** A data descriptor with signature and 64-bit sizes. */
const MAX_DESCRIPTOR_BYTES = 24
const UNIX_SYMLINK = 0o120000
const UNIX_TYPE_MASK = 0o170000

export interface ZipEntry {
  name: string
  method: number
  flags: number
  compressedBytes: number
  isSymlink: boolean
  localOffset: number
}

export interface ZipDirectory {
  entries: ZipEntry[]
  findings: Finding[]
  /** Everything in the directory was understood. */
  complete: boolean
}

interface End {
  offset: number
  directoryOffset: number
  directoryBytes: number
}

/** Undefined when the file has no end-of-directory record: it is no zip, or its end is missing. */
export async function readZipDirectory(file: RangedFile): Promise<ZipDirectory | undefined> {
  const end = await findEnd(file)
  if (!end) return undefined
  const findings: Finding[] = []
  // Some readers take the stated offset, others count back from the end: they must mean the same directory.
  const stated = end.directoryOffset
  const counted = end.offset - end.directoryBytes
  const starts = [...new Set([stated, counted])].filter((start) => start >= 0 && start < file.bytes)
  const valid: number[] = []
  for (const start of starts) if ((await signatureAt(file, start)) === CENTRAL_SIGNATURE) valid.push(start)
  if (valid.length > 1) {
    findings.push(
      finding('block', 'zip-ambiguous', `${file.path} has two directories; which one is read depends on the program.`, {
        offset: stated,
      }),
    )
  }
  const entries: ZipEntry[] = []
  let complete = valid.length > 0 || end.directoryBytes === 0
  for (const start of valid) {
    const shift = start === stated ? 0 : start - stated
    complete = (await readEntries(file, start, end.offset, shift, entries)) && complete
  }
  if (!complete)
    findings.push(
      finding('warn', 'zip-unreadable', `The directory of ${file.path} cannot be read to its end.`, {
        offset: end.offset,
      }),
    )
  findings.push(...duplicates(file, entries))
  return { entries, findings, complete }
}

/** True when a directory that ends the file can be found: whatever the file looks like at its start. */
export async function hasZipDirectory(file: RangedFile): Promise<boolean> {
  const end = await findEnd(file)
  if (!end) return false
  for (const start of [end.directoryOffset, end.offset - end.directoryBytes]) {
    if (start >= 0 && (await signatureAt(file, start)) === CENTRAL_SIGNATURE) return true
  }
  return false
}

/** Where an entry's bytes lie, from its local header; undefined when there is no local header. */
export async function locateEntry(
  file: RangedFile,
  entry: ZipEntry,
): Promise<{ content: RangedFile; localName: string; localMethod: number; start: number } | undefined> {
  const header = await file.read(entry.localOffset, LOCAL_BYTES)
  if (header.length < LOCAL_BYTES) return undefined
  const view = viewOf(header)
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) return undefined
  const nameBytes = view.getUint16(26, true)
  const start = entry.localOffset + LOCAL_BYTES + nameBytes + view.getUint16(28, true)
  const localName = decode(await file.read(entry.localOffset + LOCAL_BYTES, nameBytes))
  const content = partOf(file, `${file.path} » ${entry.name}`, start, entry.compressedBytes)
  return { content, localName, localMethod: view.getUint16(8, true), start }
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
      isSymlink: false,
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
): Promise<Finding[]> {
  const findings: Finding[] = []
  let end = 0
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
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

async function findEnd(file: RangedFile): Promise<End | undefined> {
  const tailStart = Math.max(0, file.bytes - END_BYTES - MAX_COMMENT_BYTES)
  const tail = Buffer.from(await file.read(tailStart, END_BYTES + MAX_COMMENT_BYTES))
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END_SIGNATURE) continue
    const comment = tail.readUInt16LE(at + 20)
    if (at + END_BYTES + comment > tail.length) continue
    const offset = tailStart + at
    const end = { offset, directoryOffset: tail.readUInt32LE(at + 16), directoryBytes: tail.readUInt32LE(at + 12) }
    return (await findEnd64(file, offset)) ?? end
  }
  return undefined
}

async function findEnd64(file: RangedFile, endOffset: number): Promise<End | undefined> {
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
      isSymlink: ((directory.readUInt32LE(at + 38) >>> 16) & UNIX_TYPE_MASK) === UNIX_SYMLINK,
      localOffset: sizes.localOffset + shift,
    })
    at = next
  }
  return true
}

/** The zip64 extra field replaces whichever of the three 32-bit fields are all ones, in this order. */
function readSizes(directory: Buffer, at: number, extra: Buffer): { compressedBytes: number; localOffset: number } {
  const short = {
    size: directory.readUInt32LE(at + 24),
    compressedBytes: directory.readUInt32LE(at + 20),
    localOffset: directory.readUInt32LE(at + 42),
  }
  for (let i = 0; i + 4 <= extra.length; i += 4 + extra.readUInt16LE(i + 2)) {
    if (extra.readUInt16LE(i) !== 1) continue
    const field = extra.subarray(i + 4, i + 4 + extra.readUInt16LE(i + 2))
    let position = 0
    const long = (value: number): number => {
      if (value !== 0xffffffff || position + 8 > field.length) return value
      position += 8
      return Number(field.readBigUInt64LE(position - 8))
    }
    long(short.size)
    return { compressedBytes: long(short.compressedBytes), localOffset: long(short.localOffset) }
  }
  return short
}

function duplicates(file: RangedFile, entries: readonly ZipEntry[]): Finding[] {
  const seen = new Set<string>()
  for (const { name } of entries) {
    if (seen.has(name)) {
      return [
        finding(
          'block',
          'zip-duplicate-entry',
          `${file.path} lists "${name}" twice; which one is read depends on the program.`,
          { evidence: name },
        ),
      ]
    }
    seen.add(name)
  }
  return []
}

async function signatureAt(file: RangedFile, offset: number): Promise<number | undefined> {
  const bytes = await file.read(offset, 4)
  return bytes.length < 4 ? undefined : viewOf(bytes).getUint32(0, true)
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes)
