/** Looks into zip archives (torch's .pt/.pth/.bin, numpy's .npz): each entry is inspected as a file of its own. */
import { Readable } from 'node:stream'
import { constants, createInflateRaw } from 'node:zlib'
import { oddPathReason, printable } from '../file-path.ts'
import { fileInMemory, type RangedFile } from '../formats/ranged-file.ts'
import {
  checkLayout,
  locateEntry,
  readLocalEntries,
  readZipDirectory,
  type ZipEntry,
} from '../formats/zip-directory.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'
import { SignatureSearch } from './signature-search.ts'

const STORED = 0
const DEFLATED = 8
const ENCRYPTED_FLAG = 1
/** What is kept of an unpacked entry for looking at its structure. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024
const MAX_UNPACKED_BYTES = 8 * 1024 ** 3
const BOMB_RATIO = 200
const BOMB_MIN_BYTES = 64 * 1024 * 1024
const READ_BYTES = 1024 * 1024

export type InspectEntry = (file: RangedFile, depth: number) => Promise<FileScan>

/** `inspectEntry` is the inspection of any file: it comes back here for archives in archives. */
export async function inspectZip(file: RangedFile, depth: number, inspectEntry: InspectEntry): Promise<FileScan> {
  const directory = await readZipDirectory(file)
  const findings = directory?.findings ?? []
  let covered = directory?.complete ?? false
  if (!directory) {
    findings.push(
      finding(
        'warn',
        'zip-unreadable',
        `${file.path} is a zip archive whose directory at the end is missing: it is probably cut short.`,
        { offset: file.bytes },
      ),
    )
  }
  const entries = directory?.entries ?? (await readLocalEntries(file))
  const spans: { name: string; from: number; to: number }[] = []
  for (const entry of entries) {
    findings.push(...nameFindings(file, entry))
    const located = await locateEntry(file, entry)
    if (!located) {
      findings.push(
        finding(
          'warn',
          'zip-unreadable',
          `${file.path}: the entry "${printable(entry.name)}" has no header where the directory says.`,
          { offset: entry.localOffset },
        ),
      )
      covered = false
      continue
    }
    findings.push(...disagreements(file, entry, located))
    spans.push({ name: printable(entry.name), from: entry.localOffset, to: located.start + located.content.bytes })
    if (entry.name.endsWith('/') && located.content.bytes === 0) continue
    const inspected = await inspectContent(located.content, entry, depth, inspectEntry)
    findings.push(
      ...inspected.findings.map((inner) => ({
        ...inner,
        offset: entry.method === STORED && inner.offset !== null ? located.start + inner.offset : located.start,
      })),
    )
    if (!inspected.complete) covered = false
  }
  if (directory) findings.push(...(await checkLayout(file, spans)))
  return { format: formatOf(entries), bytes_covered: covered ? file.bytes : 0, findings }
}

interface Inspected {
  findings: Finding[]
  complete: boolean
}

async function inspectContent(
  content: RangedFile,
  entry: ZipEntry,
  depth: number,
  inspectEntry: InspectEntry,
): Promise<Inspected> {
  if (entry.method === STORED) return toInspected(content, await inspectEntry(content, depth + 1))
  if (entry.method !== DEFLATED) {
    return {
      complete: false,
      findings: [
        finding(
          'warn',
          'zip-method',
          `${content.path} is packed by method ${entry.method}, which cannot be unpacked here.`,
        ),
      ],
    }
  }
  const unpacked = await inflate(content)
  const findings = [...unpacked.findings]
  if (!unpacked.complete) return { findings, complete: false }
  if (unpacked.kept === undefined) {
    findings.push(
      finding(
        'warn',
        'zip-entry-large',
        `${content.path} unpacks to ${unpacked.bytes.toLocaleString('en')} bytes: too large to look at its structure. Store it unpacked.`,
      ),
    )
    return { findings, complete: false }
  }
  const inner = fileInMemory(content.path, unpacked.kept)
  const inspected = toInspected(inner, await inspectEntry(inner, depth + 1))
  return { findings: [...findings, ...inspected.findings], complete: inspected.complete }
}

const toInspected = (file: RangedFile, scan: FileScan): Inspected => ({
  findings: scan.findings,
  complete: scan.bytes_covered >= file.bytes,
})

interface Unpacked extends Inspected {
  bytes: number
  /** Undefined when it is larger than what is kept in memory. */
  kept: Uint8Array | undefined
}

/** Unpacks as a stream: searched for signatures as a whole, stopped when it is a bomb. */
async function inflate(content: RangedFile): Promise<Unpacked> {
  const search = new SignatureSearch()
  const kept: Buffer[] = []
  const inflater = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH })
  let bytes = 0
  const source = async function* () {
    for (let at = 0; at < content.bytes; at += READ_BYTES) yield content.read(at, READ_BYTES)
  }
  try {
    for await (const chunk of Readable.from(source()).pipe(inflater) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      search.push(chunk)
      if (bytes <= MAX_KEPT_BYTES) kept.push(chunk)
      if (bytes > MAX_UNPACKED_BYTES || (bytes > BOMB_MIN_BYTES && bytes > content.bytes * BOMB_RATIO)) {
        const message = `${content.path} unpacks from ${content.bytes.toLocaleString('en')} to more than ${bytes.toLocaleString('en')} bytes: a decompression bomb.`
        return {
          bytes,
          kept: undefined,
          complete: false,
          findings: [...search.findings(), finding('block', 'zip-bomb', message)],
        }
      }
    }
  } catch (error) {
    if (!isZlibError(error)) throw error
    return {
      bytes,
      kept: undefined,
      complete: false,
      findings: [
        ...search.findings(),
        finding('warn', 'zip-unreadable', `${content.path} cannot be unpacked: ${error.message}.`),
      ],
    }
  }
  return {
    bytes,
    kept: bytes <= MAX_KEPT_BYTES ? Buffer.concat(kept) : undefined,
    complete: true,
    findings: search.findings(),
  }
}

function nameFindings(file: RangedFile, entry: ZipEntry): Finding[] {
  const findings: Finding[] = []
  const name = entry.name.replace(/\/$/, '')
  const odd = oddPathReason(name)
  if (odd)
    findings.push(
      finding('block', 'zip-slip', `${file.path}: the entry name "${printable(entry.name)}" ${odd}.`, {
        offset: entry.localOffset,
        evidence: printable(entry.name),
      }),
    )
  if (entry.isSymlink)
    findings.push(
      finding('block', 'zip-symlink', `${file.path}: the entry "${printable(entry.name)}" is a symbolic link.`, {
        offset: entry.localOffset,
      }),
    )
  if (entry.flags & ENCRYPTED_FLAG) {
    findings.push(
      finding(
        'block',
        'zip-encrypted',
        `${file.path}: the entry "${printable(entry.name)}" is marked as encrypted; weight files are not, and some programs read it all the same.`,
        { offset: entry.localOffset },
      ),
    )
  }
  return findings
}

function disagreements(
  file: RangedFile,
  entry: ZipEntry,
  local: { localName: string; localMethod: number },
): Finding[] {
  if (local.localName === entry.name && local.localMethod === entry.method) return []
  return [
    finding(
      'block',
      'zip-disagrees',
      `${file.path}: the directory and the header of entry "${printable(entry.name)}" disagree; what is read depends on the program.`,
      {
        offset: entry.localOffset,
        evidence: printable(`${entry.name} ≠ ${local.localName}`),
      },
    ),
  ]
}

function formatOf(entries: readonly ZipEntry[]): string {
  if (entries.some(({ name }) => /(^|\/)code\/.*\.py$/.test(name))) return 'torchscript'
  return entries.some(({ name }) => /(^|\/)data\.pkl$/.test(name)) ? 'torch-zip' : 'zip'
}

const isZlibError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
