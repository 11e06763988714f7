/** One file of any kind → what is in it. Every rule that could apply is tried: a file may be two things at once. */

import { findSuperblock } from '../formats/hdf5.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { inspectSafetensors } from '../formats/safetensors.ts'
import { hasZipDirectory } from '../formats/zip-directory.ts'
import { type Detected, detectFormat, type Format } from './detect-format.ts'
import { inspectCompressed, inspectTar } from './inspect-archive.ts'
import { inspectConfigFile } from './inspect-config.ts'
import { inspectGguf } from './inspect-gguf.ts'
import { findKerasProblems, inspectHdf5 } from './inspect-keras.ts'
import { inspectNotebook } from './inspect-notebook.ts'
import { inspectNumpy } from './inspect-numpy.ts'
import { inspectOnnx } from './inspect-onnx.ts'
import { findDisguisedPickle, inspectPickle } from './inspect-pickle.ts'
import { inspectTemplateFile } from './inspect-template.ts'
import { inspectZip } from './inspect-zip.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'

const HEAD_BYTES = 4096
const MAX_DEPTH = 4
/** Their entries are inspected one by one: what lies inside them is not hidden. */
const ARCHIVES: ReadonlySet<Format> = new Set(['zip', 'tar'])
/** Formats that can be the text of a serialised Keras object. */
const TEXTS: ReadonlySet<Format> = new Set(['text', 'model-config'])

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
  if (zipEnd && detected.format !== 'zip') also.push(...(await inspectDisguisedZip(file, detected, depth)))
  if (detected.format !== 'hdf5' && !ARCHIVES.has(detected.format))
    also.push(...(await inspectDisguisedHdf5(file, detected)))
  if (TEXTS.has(detected.format) && /\.json$/i.test(file.path)) also.push(...(await findKerasProblems(file)))
  return { ...scan, findings: [...scan.findings, ...also] }
}

async function inspectDisguisedZip(file: RangedFile, { label }: Detected, depth: number): Promise<Finding[]> {
  const archive = await inspectZip(file, depth, inspectFile)
  const message = `${file.path} is ${label} at its start and a zip archive at its end.`
  return [...archive.findings, finding('block', 'zip-disguised', message, { offset: 0 })]
}

/** HDF5 may lie behind a user block of any content. */
async function inspectDisguisedHdf5(file: RangedFile, { label }: Detected): Promise<Finding[]> {
  const superblock = await findSuperblock(file)
  if (superblock === undefined) return []
  const { findings } = await inspectHdf5(file)
  const message = `${file.path} is ${label} at its start and HDF5 from byte ${superblock} on.`
  return [...findings, finding('block', 'hdf5-disguised', message, { offset: superblock })]
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
    case 'gguf':
      return inspectGguf(file)
    case 'hdf5':
      return inspectHdf5(file)
    case 'onnx':
      return inspectOnnxOr(file)
    case 'tar':
      return inspectTar(file, depth, inspectFile)
    case 'gzip':
    case 'zstd':
      return inspectCompressed(file, format, depth, inspectFile)
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
      return inspectConfigFile(file)
    case 'template':
      return inspectTemplateFile(file)
    case 'notebook':
      return inspectNotebook(file)
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

/** A file that only begins like ONNX, under another name, is what its name says: any bytes. */
async function inspectOnnxOr(file: RangedFile): Promise<FileScan> {
  const scan = await inspectOnnx(file)
  const isNamedSo = /\.(onnx|pb)$/i.test(file.path)
  if (isNamedSo || scan.bytes_covered > 0 || scan.findings.some(({ severity }) => severity === 'block')) return scan
  return covered(file, 'binary')
}

async function inspectArchive(file: RangedFile, depth: number): Promise<FileScan> {
  const scan = await inspectZip(file, depth, inspectFile)
  if (scan.format === 'torchscript') {
    scan.findings.push(finding('warn', 'torchscript', `${file.path} carries program text for TorchScript.`))
  }
  return scan
}

const covered = (file: RangedFile, format: string, ...findings: Finding[]): FileScan => ({
  format,
  bytes_covered: file.bytes,
  findings,
})
const notCovered = (format: string, ...findings: Finding[]): FileScan => ({ format, bytes_covered: 0, findings })
