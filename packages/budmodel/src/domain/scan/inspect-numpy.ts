/**
 * Judges a .npy file: its header is a Python literal that must say exactly what follows, and an array of objects holds
 * a pickle. Source: numpy.lib.format (NEP 1).
 */
import { parseNumpyHeader } from '../formats/numpy-header.ts'
import { isPadding, partOf, type RangedFile } from '../formats/ranged-file.ts'
import { inspectPickle } from './inspect-pickle.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

const SIGNATURE = Buffer.from('\x93NUMPY', 'latin1')
/** numpy itself refuses longer ones from files that are not trusted. */
const MAX_HEADER_BYTES = 64 * 1024
const MAX_VERSION = 3
const MAX_ARRAYS = 1000

interface ArrayScan extends FileScan {
  /** Where a sound array of numbers ends; undefined for anything else. */
  end?: number
}

/** Arrays may follow each other: programs that read on get the next one, or a pickle. */
export async function inspectNumpy(file: RangedFile): Promise<FileScan> {
  const findings: Finding[] = []
  let at = 0
  for (let count = 0; count < MAX_ARRAYS; count++) {
    const array = await inspectArray(partOf(file, file.path, at, file.bytes - at))
    findings.push(...array.findings.map((found) => ({ ...found, offset: at + (found.offset ?? 0) })))
    if (array.end === undefined) return { format: 'numpy', bytes_covered: at + array.bytes_covered, findings }
    at += array.end
    if (at >= file.bytes) return { format: 'numpy', bytes_covered: file.bytes, findings }
    if (!Buffer.from(await file.read(at, SIGNATURE.length)).equals(SIGNATURE)) break
  }
  const rest = await inspectRest(file, at)
  return { ...rest, findings: [...findings, ...rest.findings] }
}

async function inspectRest(file: RangedFile, at: number): Promise<FileScan> {
  const message = `${file.path} has ${(file.bytes - at).toLocaleString('en')} bytes after its array.`
  const trailing = finding('warn', 'numpy-trailing-data', message, { offset: at })
  if (await isPadding(file, at)) return { format: 'numpy', bytes_covered: file.bytes, findings: [trailing] }
  const { bytes_covered, findings } = await inspectObjects(file, at)
  return {
    format: 'numpy',
    bytes_covered: bytes_covered < file.bytes ? at : file.bytes,
    findings: [trailing, ...findings.filter(({ severity }) => severity === 'block')],
  }
}

async function inspectArray(file: RangedFile): Promise<ArrayScan> {
  const start = Buffer.from(await file.read(0, 12))
  const version = start[6] ?? 0
  if (start.length < 10) return unreadable(file, 'is cut short inside its header')
  if (version < 1 || version > MAX_VERSION)
    return unreadable(file, `is an array of version ${version}, which is not known here`)
  if (version > 1 && start.length < 12) return unreadable(file, 'is cut short inside its header')
  const headerStart = version > 1 ? 12 : 10
  const headerBytes = version > 1 ? start.readUInt32LE(8) : start.readUInt16LE(8)
  const dataStart = headerStart + headerBytes
  if (dataStart > file.bytes) {
    const message = `${file.path} announces a header of ${headerBytes.toLocaleString('en')} bytes and ends before: it is cut short.`
    return {
      format: 'numpy',
      bytes_covered: 0,
      findings: [finding('block', 'numpy-cut-short', message, { offset: 8 })],
    }
  }
  if (headerBytes > MAX_HEADER_BYTES) {
    const message = `${file.path} has a header of ${headerBytes.toLocaleString('en')} bytes; at most ${MAX_HEADER_BYTES} are read.`
    return {
      format: 'numpy',
      bytes_covered: 0,
      findings: [finding('block', 'numpy-header-invalid', message, { offset: 8 })],
    }
  }
  const text = Buffer.from(await file.read(headerStart, headerBytes)).toString(version === 3 ? 'utf8' : 'latin1')
  const header = parseNumpyHeader(text)
  if (typeof header === 'string') {
    // Whatever else it says: where it mentions objects, numpy would load a pickle.
    const scan = /['"][|<>=]?O/.test(text) ? await inspectObjects(file, dataStart) : undefined
    const { bytes_covered, findings } = unreadable(file, header)
    return { format: 'numpy', bytes_covered, findings: [...(scan?.findings ?? []), ...findings] }
  }
  if (header.hasObjects) return inspectObjects(file, dataStart)
  return inspectNumbers(file, dataStart, header)
}

function inspectNumbers(
  file: RangedFile,
  dataStart: number,
  { elements, itemBytes }: { elements: number; itemBytes: number },
): ArrayScan {
  const expected = elements * itemBytes
  const there = file.bytes - dataStart
  if (!Number.isSafeInteger(expected) || expected > there) {
    const message = `${file.path} announces ${expected.toLocaleString('en')} bytes of numbers and holds ${there.toLocaleString('en')}.`
    return {
      format: 'numpy',
      bytes_covered: file.bytes,
      findings: [finding('block', 'numpy-cut-short', message, { offset: dataStart })],
    }
  }
  const end = dataStart + expected
  return { format: 'numpy', bytes_covered: end, findings: [], end }
}

async function inspectObjects(file: RangedFile, dataStart: number): Promise<FileScan> {
  const pickle = await inspectPickle(partOf(file, file.path, dataStart, file.bytes - dataStart))
  const complete = pickle.bytes_covered >= file.bytes - dataStart
  const findings = pickle.findings.map((entry) => ({ ...entry, offset: dataStart + (entry.offset ?? 0) }))
  return { format: 'numpy', bytes_covered: complete ? file.bytes : dataStart, findings }
}

const unreadable = (file: RangedFile, why: string): FileScan => ({
  format: 'numpy',
  bytes_covered: 0,
  findings: [finding('warn', 'numpy-unreadable', `${file.path} ${why}.`, { offset: 0 })],
})
