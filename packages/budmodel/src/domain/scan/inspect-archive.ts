/** Looks into tar archives and compressed files: each entry is inspected as a file of its own. */
import { Readable } from 'node:stream'
import {
  createGunzip,
  createInflate,
  createZstdDecompress,
  type Gunzip,
  type Inflate,
  type ZstdDecompress,
} from 'node:zlib'
import { oddPathReason, printable } from '../file-path.ts'
import { fileInMemory, isPadding, type RangedFile } from '../formats/ranged-file.ts'
import { looksLikeTar, type TarEntry, walkTar } from '../formats/tar.ts'
import { FindingList } from './finding-list.ts'
import type { InspectEntry } from './inspect-zip.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'
import { SignatureSearch } from './signature-search.ts'
import type { UnpackBudget } from './unpack-budget.ts'

/** What is kept of an unpacked file for looking at its structure. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024
const BOMB_RATIO = 200
const BOMB_MIN_BYTES = 64 * 1024 * 1024
const READ_BYTES = 1024 * 1024
const MAX_MEMBERS = 10_000

export async function inspectTar(file: RangedFile, depth: number, inspectEntry: InspectEntry): Promise<FileScan> {
  const findings = new FindingList()
  const seen = new Set<string>()
  let complete = true
  const walk = await walkTar(file, async (entry) => {
    const judged = judgeEntry(file, entry, seen)
    const inner = judged.inspect ? await inspectEntry(entry.content, depth + 1) : undefined
    const start = entry.offset + 512
    const shifted = inner?.findings.map((found) => ({ ...found, offset: start + (found.offset ?? 0) })) ?? []
    findings.add([...judged.findings, ...shifted])
    if (!judged.complete || (inner && inner.bytes_covered < entry.content.bytes)) complete = false
  })
  for (const { kind, rule, message, offset } of walk.problems)
    findings.add([finding(kind === 'block' ? 'block' : 'warn', rule, `${file.path} ${message}.`, { offset })])
  if (walk.complete && walk.end < file.bytes) findings.add([await whatFollows(file, walk.end)])
  return { format: 'tar', bytes_covered: complete && walk.complete ? file.bytes : 0, findings: findings.all() }
}

async function whatFollows(file: RangedFile, end: number): Promise<Finding> {
  const trailing = file.bytes - end
  if (looksLikeTar(await file.read(end, 512))) {
    const message = `${file.path} goes on after its end: what is read of it depends on the program.`
    return finding('block', 'tar-hidden-entry', message, { offset: end })
  }
  const message = `${file.path} has ${trailing.toLocaleString('en')} bytes after its end.`
  return finding('warn', 'tar-trailing-data', message, { offset: end })
}

function judgeEntry(
  file: RangedFile,
  entry: TarEntry,
  seen: Set<string>,
): { findings: Finding[]; inspect: boolean; complete: boolean } {
  const named = `${file.path}: the entry "${printable(entry.name)}"`
  const found = (severity: Finding['severity'], rule: string, message: string) =>
    finding(severity, rule, message, { offset: entry.offset, evidence: printable(entry.name) })
  const findings: Finding[] = []
  // "./model.pt" and "folder/" are what tar itself writes.
  const name = entry.name.replace(/^(\.\/)+/, '').replace(/\/$/, '')
  const odd = name === '' || name === '.' ? undefined : oddPathReason(name)
  if (odd) findings.push(found('block', 'tar-slip', `${named} has a name that ${odd}.`))
  if (seen.has(name) && entry.kind !== 'folder')
    findings.push(
      found('block', 'tar-duplicate-entry', `${named} is there twice; which one is read depends on the program.`),
    )
  seen.add(name)
  switch (entry.kind) {
    case 'file':
      return { findings, inspect: true, complete: true }
    case 'folder':
      return { findings, inspect: entry.content.bytes > 0, complete: true }
    case 'symlink':
    case 'hardlink':
      findings.push(found('block', 'tar-link', `${named} is a link to "${printable(entry.linkTarget)}".`))
      return { findings, inspect: false, complete: true }
    case 'device':
      findings.push(found('block', 'tar-device', `${named} is a device or a pipe.`))
      return { findings, inspect: false, complete: true }
    case 'sparse':
    case 'unknown':
      findings.push(found('warn', 'tar-unreadable', `${named} is of a kind that cannot be looked into.`))
      return { findings, inspect: entry.content.bytes > 0, complete: false }
  }
}

type UnpackStream = Gunzip | Inflate | ZstdDecompress

const COMPRESSIONS = {
  gzip: { create: (): UnpackStream => createGunzip(), name: 'gzip' },
  zstd: { create: (): UnpackStream => createZstdDecompress(), name: 'zstd' },
  zlib: { create: (): UnpackStream => createInflate(), name: 'zlib' },
}
export type Compression = keyof typeof COMPRESSIONS

/** The unpacked file is inspected under the name without ".gz", ".zst" or ".z", so that `x.tar.gz` is looked into as a tar. */
export async function inspectCompressed(
  file: RangedFile,
  compression: Compression,
  depth: number,
  inspectEntry: InspectEntry,
  budget: UnpackBudget,
): Promise<FileScan> {
  const unpacked = await unpack(file, compression, budget)
  const { findings } = unpacked
  if (unpacked.content === undefined) return { format: compression, bytes_covered: 0, findings }
  const inner = fileInMemory(`${file.path} » ${unpackedName(file.path)}`, unpacked.content)
  const scan = await inspectEntry(inner, depth + 1)
  const complete = scan.bytes_covered >= inner.bytes
  return {
    format: compression,
    bytes_covered: complete ? file.bytes : 0,
    findings: [...findings, ...scan.findings.map((found) => ({ ...found, offset: 0 }))],
  }
}

function unpackedName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('» ') + 1) + 1)
  return name.replace(/\.(gz|gzip|zst|zstd|z|zlib)$/i, '').replace(/\.(tgz|tzst)$/i, '.tar')
}

interface Unpacked {
  findings: Finding[]
  /** Undefined when it could not be unpacked, or is larger than what is kept in memory. */
  content: Buffer | undefined
}

/** As a stream: searched for signatures as a whole, stopped when it is a bomb. */
async function unpack(file: RangedFile, compression: Compression, budget: UnpackBudget): Promise<Unpacked> {
  const { create, name } = COMPRESSIONS[compression]
  const search = new SignatureSearch()
  const kept: Buffer[] = []
  let bytes = 0
  const refused = (severity: Finding['severity'], rule: string, message: string): Unpacked => ({
    content: undefined,
    findings: [...search.findings(), finding(severity, rule, `${file.path} ${message}`, { offset: 0 })],
  })
  const tooLarge = () => {
    const size = bytes.toLocaleString('en')
    const message = `unpacks to ${size} bytes or more: too large to look at its structure. Add it unpacked.`
    return refused('warn', `${name}-large`, message)
  }
  try {
    for await (const chunk of unpackedChunks(file, create)) {
      bytes += chunk.length
      search.push(chunk)
      if (bytes <= MAX_KEPT_BYTES) kept.push(chunk)
      budget.bytes -= chunk.length
      if (budget.bytes < 0) return tooLarge()
      if (bytes > BOMB_MIN_BYTES && bytes > file.bytes * BOMB_RATIO) {
        const sizes = `from ${file.bytes.toLocaleString('en')} to more than ${bytes.toLocaleString('en')} bytes`
        return refused('block', `${name}-bomb`, `unpacks ${sizes}: a decompression bomb.`)
      }
    }
  } catch (error) {
    if (!isZlibError(error)) throw error
    return refused('warn', `${name}-unreadable`, `cannot be unpacked: ${error.message}.`)
  }
  if (bytes > MAX_KEPT_BYTES) return tooLarge()
  return { content: Buffer.concat(kept), findings: search.findings() }
}

/** All members one after the other: Node’s own streams stop after the first one, silently. */
async function* unpackedChunks(file: RangedFile, create: () => UnpackStream): AsyncGenerator<Buffer> {
  let start = 0
  for (let members = 0; start < file.bytes; members++) {
    if (members > 0 && (await isPadding(file, start))) return
    if (members >= MAX_MEMBERS) throw new TooManyMembers()
    const stream = create()
    const source = Readable.from(chunksOf(file, start))
    source.on('error', (error) => stream.destroy(error))
    try {
      for await (const chunk of source.pipe(stream) as AsyncIterable<Buffer>) yield chunk
    } finally {
      source.destroy()
      stream.destroy()
    }
    if (stream.bytesWritten === 0) return
    start += stream.bytesWritten
  }
}

async function* chunksOf(file: RangedFile, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < file.bytes; at += READ_BYTES) yield await file.read(at, READ_BYTES)
}

class TooManyMembers extends Error {
  readonly code = 'Z_TOO_MANY_MEMBERS'
  constructor() {
    super(`it has more than ${MAX_MEMBERS} parts`)
  }
}

const isZlibError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ZSTD_)/.test(error.code)
