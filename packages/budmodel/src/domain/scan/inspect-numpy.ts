/**
 * Judges a .npy file: its header is a Python literal that must say exactly what follows, and an array of objects holds
 * a pickle. Source: numpy.lib.format (NEP 1).
 */
import { parseNumpyHeader } from '../formats/numpy-header.ts'
import { partOf, type RangedFile } from '../formats/ranged-file.ts'
import { inspectPickle } from './inspect-pickle.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

/** numpy itself refuses longer ones from files that are not trusted. */
const MAX_HEADER_BYTES = 64 * 1024
const MAX_VERSION = 3

export async function inspectNumpy(file: RangedFile): Promise<FileScan> {
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
  return { format: 'numpy', bytes_covered: file.bytes, findings: sizeProblems(file, dataStart, header) }
}

function sizeProblems(
  file: RangedFile,
  dataStart: number,
  { elements, itemBytes }: { elements: number; itemBytes: number },
): Finding[] {
  const expected = elements * itemBytes
  const there = file.bytes - dataStart
  if (!Number.isSafeInteger(expected) || expected > there) {
    const message = `${file.path} announces ${expected.toLocaleString('en')} bytes of numbers and holds ${there.toLocaleString('en')}.`
    return [finding('block', 'numpy-cut-short', message, { offset: dataStart })]
  }
  if (expected === there) return []
  const message = `${file.path} has ${(there - expected).toLocaleString('en')} bytes after its array.`
  return [finding('warn', 'numpy-trailing-data', message, { offset: dataStart + expected })]
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
