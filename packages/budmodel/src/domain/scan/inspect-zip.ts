/** Looks into zip archives (torch's .pt/.pth/.bin, numpy's .npz): each entry is inspected as a file of its own. */
import { Readable } from 'node:stream'
import { constants, createInflateRaw } from 'node:zlib'
import { oddPathReason, printable } from '../file-path.ts'
import { fileInMemory, type RangedFile } from '../formats/ranged-file.ts'
import {
  checkLayout,
  type LocalHeader,
  locateEntry,
  readLocalEntries,
  readZipDirectory,
  type ZipEntry,
} from '../formats/zip-directory.ts'
import { FindingList } from './finding-list.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'
import { SignatureSearch } from './signature-search.ts'
import type { UnpackBudget } from './unpack-budget.ts'

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

/**
 * `inspectEntry` is the inspection of any file: it comes back here for archives in archives. `shared` is what all of
 * them together may still unpack.
 */
export async function inspectZip(
  file: RangedFile,
  depth: number,
  inspectEntry: InspectEntry,
  shared: UnpackBudget,
): Promise<FileScan> {
  const directory = await readZipDirectory(file)
  const findings = new FindingList()
  findings.add(directory?.findings ?? [])
  let covered = directory?.complete ?? false
  if (!directory) {
    findings.add([
      finding(
        'warn',
        'zip-unreadable',
        `${file.path} is a zip archive whose directory at the end is missing: it is probably cut short.`,
        { offset: file.bytes },
      ),
    ])
  }
  const entries = directory?.entries ?? (await readLocalEntries(file))
  const own: UnpackBudget = { bytes: Math.max(BOMB_MIN_BYTES * 2, file.bytes * BOMB_RATIO) }
  const budgets = { own, shared }
  const spans: { name: string; from: number; to: number }[] = []
  for (const entry of entries) {
    findings.add(nameFindings(file, entry))
    const located = await locateEntry(file, entry)
    if (!located) {
      findings.add([
        finding(
          'warn',
          'zip-unreadable',
          `${file.path}: the entry "${printable(entry.name)}" has no header where the directory says.`,
          { offset: entry.localOffset },
        ),
      ])
      covered = false
      continue
    }
    findings.add(disagreements(file, entry, located))
    spans.push({ name: printable(entry.name), from: entry.localOffset, to: located.start + located.content.bytes })
    if (entry.name.endsWith('/') && located.content.bytes === 0) continue
    const inspected = await inspectContent(located.content, entry, depth, inspectEntry, budgets)
    findings.add(
      inspected.findings.map((inner) => ({
        ...inner,
        offset: entry.method === STORED && inner.offset !== null ? located.start + inner.offset : located.start,
      })),
    )
    if (!inspected.complete) covered = false
  }
  if (directory) findings.add(await checkLayout(file, spans, directory.start))
  return { format: formatOf(entries), bytes_covered: covered ? file.bytes : 0, findings: findings.all() }
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
  budgets: Budgets,
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
  const unpacked = await inflate(content, entry.contentBytes, budgets)
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

interface Budgets {
  /** Of this archive. */
  own: UnpackBudget
  /** Of all archives in the file that is scanned. */
  shared: UnpackBudget
}

interface Unpacked extends Inspected {
  bytes: number
  /** Undefined when it is larger than what is kept in memory. */
  kept: Uint8Array | undefined
}

/** Unpacks as a stream: searched for signatures as a whole, stopped when it is a bomb. */
async function inflate(content: RangedFile, stated: number | undefined, { own, shared }: Budgets): Promise<Unpacked> {
  const search = new SignatureSearch()
  const kept: Buffer[] = []
  const inflater = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH })
  let bytes = 0
  const source = async function* () {
    for (let at = 0; at < content.bytes; at += READ_BYTES) yield content.read(at, READ_BYTES)
  }
  const packed = Readable.from(source())
  // A pipe does not hand on its source's failure: without this it would end the process.
  packed.on('error', (error) => inflater.destroy(error))
  try {
    for await (const chunk of packed.pipe(inflater) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      own.bytes -= chunk.length
      shared.bytes -= chunk.length
      search.push(chunk)
      if (bytes <= MAX_KEPT_BYTES) kept.push(chunk)
      const isBomb = bytes > BOMB_MIN_BYTES && bytes > content.bytes * BOMB_RATIO
      if (bytes > MAX_UNPACKED_BYTES || isBomb || own.bytes < 0) {
        const message = `${content.path} unpacks from ${content.bytes.toLocaleString('en')} to more than ${bytes.toLocaleString('en')} bytes${isBomb ? '' : ', after what was unpacked before'}: a decompression bomb.`
        return {
          bytes,
          kept: undefined,
          complete: false,
          findings: [...search.findings(), finding('block', 'zip-bomb', message)],
        }
      }
      if (shared.bytes < 0) {
        const message = `${content.path} lies in archives that unpack to more than is looked into.`
        const findings = [...search.findings(), finding('warn', 'nested-too-large', message)]
        return { bytes, kept: undefined, complete: false, findings }
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
    findings: [
      ...search.findings(),
      ...unpackedSizeFindings(content, { stated, bytes, packed: inflater.bytesWritten }),
    ],
  }
}

/** Programs that believe the sizes see less of it, or something else. */
function unpackedSizeFindings(
  content: RangedFile,
  { stated, bytes, packed }: { stated: number | undefined; bytes: number; packed: number },
): Finding[] {
  const disagrees = (what: string) => [finding('block', 'zip-disagrees', `${content.path} ${what}.`)]
  if (stated !== undefined && stated !== bytes)
    return disagrees(`unpacks to ${bytes} bytes, and says that it is ${stated}; what is read depends on the program`)
  if (packed < content.bytes) return disagrees(`has ${content.bytes - packed} bytes after the end of what is packed`)
  return []
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
  if (entry.kind === 'special')
    findings.push(
      finding(
        'block',
        'zip-special-file',
        `${file.path}: the entry "${printable(entry.name)}" is a device or a pipe.`,
        {
          offset: entry.localOffset,
        },
      ),
    )
  if (entry.kind === 'symlink')
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

/** Every way in which two programs could see different entries. */
function disagreements(file: RangedFile, entry: ZipEntry, local: LocalHeader): Finding[] {
  const { offset, evidence } = { offset: entry.localOffset, evidence: printable(`${entry.name} ≠ ${local.name}`) }
  const named = `entry "${printable(entry.name)}"`
  const block = (rule: string, message: string) => [
    finding('block', rule, `${file.path}: ${message}; what is read depends on the program.`, { offset, evidence }),
  ]
  if (local.name !== entry.name || local.method !== entry.method)
    return block('zip-disagrees', `the directory and the header of ${named} disagree`)
  if (entry.secondName !== undefined && entry.secondName !== entry.name)
    return block('zip-disagrees', `${named} has the second name "${printable(entry.secondName)}"`)
  const { sizes } = local
  // Without a directory nothing is claimed twice, and the end is missing anyway.
  if (entry.contentBytes === undefined) return []
  if (local.start + entry.compressedBytes > file.bytes)
    return block('zip-entry-outside', `${named} claims more bytes than there are`)
  if (sizes && (sizes.compressedBytes !== entry.compressedBytes || sizes.contentBytes !== entry.contentBytes))
    return block('zip-disagrees', `the directory and the header of ${named} state different sizes`)
  if (entry.method === STORED && entry.compressedBytes !== entry.contentBytes)
    return block('zip-disagrees', `${named} is not packed and yet of two sizes`)
  return []
}

function formatOf(entries: readonly ZipEntry[]): string {
  if (entries.some(({ name }) => /(^|\/)code\/.*\.py$/.test(name))) return 'torchscript'
  return entries.some(({ name }) => /(^|\/)data\.pkl$/.test(name)) ? 'torch-zip' : 'zip'
}

const isZlibError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
