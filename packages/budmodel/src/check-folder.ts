/** A folder of this machine, scanned as the registry would scan it, without one: the same scanners, the same judgement. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Clock, invalidInput, systemClock } from '@bud/kernel'
import { FolderPlace } from './adapters/folder-place.ts'
import { createFormatScanner } from './adapters/format-scanner.ts'
import { createSecretScanner } from './adapters/secret-scanner.ts'
import { createSignatureScanner } from './adapters/signature-scanner.ts'
import type { RangedFile } from './domain/formats/ranged-file.ts'
import { defaultPolicyText } from './domain/policy/default-policy.ts'
import { judgeReport } from './domain/policy/judge-report.ts'
import { parsePolicy } from './domain/policy/parse-policy.ts'
import {
  coveredBytes,
  finding,
  type ReportedFinding,
  type ScannedFile,
  type ScanReport,
  showFindings,
} from './domain/scan/scan-report.ts'
import type { SourceFile, SourceListing, SourcePlace } from './ports.ts'
import { failedScan, readThrough } from './services/read-through.ts'

export interface CheckedFolder extends ScanReport {
  folder: string
  /** Each with what every scanner looked at. */
  files: ScannedFile[]
  /** Paths that are not fully looked at, but for what waivers accept. */
  incomplete: string[]
}

export interface CheckOptions {
  /** The owner's rules as YAML; left out: the defaults. */
  policyText?: string | undefined
  /** By which waivers know the model; left out: the folder's name. */
  model?: string | undefined
  /** What is no part of the model. */
  leaveOut?: (path: string) => boolean
  onListed?: (files: { files: number; bytes: number }) => void
  onBytes?: (path: string, bytes: number) => void
  clock?: Clock
}

/** Memory stays flat: files are streamed once, then read by parts. Rejects with invalid-input for a bad folder or policy. */
export async function checkFolder(folder: string, options: CheckOptions = {}): Promise<CheckedFolder> {
  const clock = options.clock ?? systemClock
  const started_at = nowOf(clock)
  const today = started_at.slice(0, 'YYYY-MM-DD'.length)
  const policyText = options.policyText ?? defaultPolicyText
  const policy = parsePolicy(policyText, { today })
  const real = await realFolder(folder)
  const place = new FolderPlace(`file://${real}`, real)
  const { files, refused } = withoutLeftOut(await place.list().catch(unreadable(folder)), options.leaveOut)
  options.onListed?.({ files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) })
  const scanned: ScannedFile[] = []
  const findings: ReportedFinding[] = refused.map(({ path, rule, message }) => ({
    ...finding('block', rule, message),
    path,
    scanner: 'import',
  }))
  for (const file of files) {
    const looked = await lookAt(place, real, file, { clock, onBytes: (bytes) => options.onBytes?.(file.path, bytes) })
    scanned.push(looked.file)
    findings.push(...looked.findings)
  }
  const facts = { files: scanned, findings, scanners: await scannersUsed() }
  const {
    verdict,
    findings: judged,
    incomplete,
  } = judgeReport(facts, policy, {
    model: options.model ?? basename(real),
    today,
  })
  return {
    folder: real,
    verdict,
    started_at,
    ended_at: nowOf(clock),
    scanners: facts.scanners,
    policy: createHash('sha256').update(policyText).digest('hex').slice(0, 12),
    file_count: scanned.length,
    bytes: scanned.reduce((sum, { bytes }) => sum + bytes, 0),
    bytes_covered: scanned.reduce((sum, file) => sum + Math.min(file.bytes, coveredBytes(file)), 0),
    findings: showFindings(judged),
    files: scanned,
    incomplete,
  }
}

const formats = createFormatScanner()
const streams = [createSignatureScanner(), createSecretScanner()]

async function scannersUsed(): Promise<ScanReport['scanners']> {
  const named = streams.map(async (scanner) => ({ name: scanner.name, version: await scanner.version() }))
  return [...(await Promise.all(named)), { name: formats.name, version: formats.version }]
}

async function lookAt(
  place: SourcePlace,
  folder: string,
  file: SourceFile,
  { clock, onBytes }: { clock: Clock; onBytes: (bytes: number) => void },
): Promise<{ file: ScannedFile; findings: ReportedFinding[] }> {
  const read = {
    file,
    open: (start: number) => place.open(file.path, start),
    sink: async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const _ of chunks);
    },
  }
  const passed = await readThrough(read, {
    scanners: streams,
    clock,
    signal: new AbortController().signal,
    onBytes: async (bytes) => onBytes(bytes),
  })
  const scan = await byParts(folder, file, (ranged) =>
    formats.scan(ranged).catch((error) => failedScan(formats, file.path, error)),
  )
  const { path, bytes, sha256 } = passed
  const looked = { scanner: formats.name, bytes_covered: scan.bytes_covered }
  return {
    file: { path, format: scan.format, bytes, sha256, scanned: [...passed.scanned, looked] },
    findings: [...passed.findings, ...scan.findings.map((found) => ({ ...found, path, scanner: formats.name }))],
  }
}

/** `look` reads what it wants of the file, which is closed in the end. */
async function byParts<T>(
  folder: string,
  { path, bytes }: SourceFile,
  look: (file: RangedFile) => Promise<T>,
): Promise<T> {
  const handle = await open(join(folder, ...path.split('/')))
  try {
    return await look({ path, bytes, read: (offset, length) => readPart(handle, bytes, offset, length) })
  } finally {
    await handle.close()
  }
}

async function readPart(handle: FileHandle, bytes: number, offset: number, length: number): Promise<Uint8Array> {
  const wanted = Math.min(length, bytes - offset)
  if (offset < 0 || wanted <= 0) return Buffer.alloc(0)
  const part = Buffer.alloc(wanted)
  let filled = 0
  while (filled < wanted) {
    const { bytesRead } = await handle.read(part, filled, wanted - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return part.subarray(0, filled)
}

function withoutLeftOut({ files, refused }: SourceListing, leaveOut: CheckOptions['leaveOut']): SourceListing {
  const kept = ({ path }: { path: string }) => !leaveOut?.(path)
  return { files: files.filter(kept), refused: refused.filter(kept) }
}

const nowOf = (clock: Clock): string => new Date(clock.nowMs()).toISOString()

async function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(() => {
    throw invalidInput(`There is no folder ${folder}.`)
  })
}

const unreadable =
  (folder: string) =>
  (cause: NodeJS.ErrnoException): never => {
    if (cause.code === 'ENOTDIR')
      throw invalidInput(`${folder} is no folder; name the one that holds the model's files.`)
    throw cause.code === undefined ? cause : invalidInput(`The folder ${folder} cannot be read: ${cause.message}`)
  }
