/** One file of any kind → what is in it. Every rule that could apply is tried: a file may be two things at once. */

import { partOf, type RangedFile } from '../formats/ranged-file.ts'
import { inspectSafetensors } from '../formats/safetensors.ts'
import { hasZipDirectory } from '../formats/zip-directory.ts'
import { type Detected, detectFormat } from './detect-format.ts'
import { findDisguisedPickle, inspectPickle } from './inspect-pickle.ts'
import { inspectZip } from './inspect-zip.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

const HEAD_BYTES = 4096
const MAX_DEPTH = 4
const MAX_CONFIG_BYTES = 16 * 1024 * 1024

/** Never throws for what the file contains; what could not be looked at is not counted in `bytes_covered`. */
export async function inspectFile(file: RangedFile, depth = 0): Promise<FileScan> {
  if (depth > MAX_DEPTH) {
    return notCovered(
      'archive',
      finding('warn', 'nested-too-deep', `${file.path} lies more than ${MAX_DEPTH} archives deep.`),
    )
  }
  const head = await file.read(0, HEAD_BYTES)
  const zipEnd = await hasZipDirectory(file)
  const detected = detectFormat(file.path, head, file.bytes, zipEnd)
  const scan = await inspectAs(detected, file, depth)
  const also: Finding[] = []
  if (detected.format !== 'pickle') also.push(...(await findDisguisedPickle(file)))
  if (zipEnd && detected.format !== 'zip') {
    const archive = await inspectZip(file, depth, inspectFile)
    also.push(
      ...archive.findings,
      finding(
        'block',
        'zip-disguised',
        `${file.path} is ${detected.label} at its start and a zip archive at its end.`,
        { offset: 0 },
      ),
    )
  }
  return { ...scan, findings: [...scan.findings, ...also] }
}

function inspectAs({ format, label }: Detected, file: RangedFile, depth: number): Promise<FileScan> | FileScan {
  switch (format) {
    case 'executable':
      return covered(
        file,
        label,
        finding('block', 'executable', `${file.path} is a program (${label}); models consist of data.`, { offset: 0 }),
      )
    case 'safetensors':
      return inspectSafetensors(file)
    case 'zip':
      return inspectArchive(file, depth)
    case 'pickle':
      return inspectPickle(file)
    case 'numpy':
      return inspectNumpy(file)
    case 'unsupported':
      return notCovered(
        label,
        finding(
          'warn',
          'format-not-inspected',
          `${file.path} is ${label}, which cannot be inspected yet. Leave it out if the engine does not need it.`,
        ),
      )
    case 'model-config':
      return inspectConfig(file)
    case 'script':
      return covered(
        file,
        'script',
        finding(
          'warn',
          'script',
          `${file.path} is program text. It is stored but never run: engines start without remote code.`,
        ),
      )
    case 'text':
    case 'binary':
      return covered(file, label)
  }
}

async function inspectArchive(file: RangedFile, depth: number): Promise<FileScan> {
  const scan = await inspectZip(file, depth, inspectFile)
  if (scan.format === 'torchscript') {
    scan.findings.push(finding('warn', 'torchscript', `${file.path} carries program text for TorchScript.`))
  }
  return scan
}

/** A .npy of objects holds a pickle behind its header. Source: numpy.lib.format. */
async function inspectNumpy(file: RangedFile): Promise<FileScan> {
  const start = Buffer.from(await file.read(0, 12))
  const long = (start[6] ?? 0) >= 2
  if (start.length < 12)
    return notCovered('numpy', finding('warn', 'numpy-unreadable', `${file.path} is cut short inside its header.`))
  const headerStart = long ? 12 : 10
  const dataStart = headerStart + (long ? start.readUInt32LE(8) : start.readUInt16LE(8))
  if (dataStart > file.bytes)
    return notCovered('numpy', finding('warn', 'numpy-unreadable', `${file.path} is cut short inside its header.`))
  const description = Buffer.from(await file.read(headerStart, Math.min(dataStart - headerStart, 65_536))).toString(
    'latin1',
  )
  if (!/['"]\|?O/.test(description)) return covered(file, 'numpy')
  const pickle = await inspectPickle(partOf(file, file.path, dataStart, file.bytes - dataStart))
  const complete = pickle.bytes_covered >= file.bytes - dataStart
  const findings = pickle.findings.map((entry) => ({ ...entry, offset: dataStart + (entry.offset ?? 0) }))
  return { format: 'numpy', bytes_covered: complete ? file.bytes : dataStart, findings }
}

async function inspectConfig(file: RangedFile): Promise<FileScan> {
  if (file.bytes > MAX_CONFIG_BYTES)
    return notCovered(
      'config',
      finding('warn', 'config-too-large', `${file.path} is larger than ${MAX_CONFIG_BYTES} bytes.`),
    )
  let config: unknown
  try {
    config = JSON.parse(Buffer.from(await file.read(0, file.bytes)).toString('utf8'))
  } catch {
    return notCovered('config', finding('warn', 'config-unreadable', `${file.path} is not valid JSON.`))
  }
  const remote = customCode(config)
  if (!remote) return covered(file, 'config')
  return covered(
    file,
    'config',
    finding(
      'warn',
      'custom-code',
      `${file.path} asks for program text of the model’s own (${remote.key}). Engines start without remote code, so the model may not load.`,
      { evidence: remote.evidence },
    ),
  )
}

function customCode(config: unknown): { key: string; evidence: string } | undefined {
  if (typeof config !== 'object' || config === null) return undefined
  for (const key of ['auto_map', 'custom_pipelines', 'custom_code', 'trust_remote_code']) {
    const value = (config as Record<string, unknown>)[key]
    if (value !== undefined && value !== null && value !== false) return { key, evidence: JSON.stringify(value) }
  }
  return undefined
}

const covered = (file: RangedFile, format: string, ...findings: Finding[]): FileScan => ({
  format,
  bytes_covered: file.bytes,
  findings,
})
const notCovered = (format: string, ...findings: Finding[]): FileScan => ({ format, bytes_covered: 0, findings })
