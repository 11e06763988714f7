/** One file of any kind → what is in it. Every rule that could apply is tried: a file may be two things at once. */

import { findSuperblock } from '../formats/hdf5.ts'
import type { RangedFile } from '../formats/ranged-file.ts'
import { inspectSafetensors } from '../formats/safetensors.ts'
import { hasZipDirectory } from '../formats/zip-directory.ts'
import { type Detected, detectFormat, type Format } from './detect-format.ts'
import { findDisguises } from './find-disguises.ts'
import { findDisguisedPickle, startsAsPickle } from './find-pickles.ts'
import { inspectCompressed, inspectTar } from './inspect-archive.ts'
import { inspectConfigFile } from './inspect-config.ts'
import { inspectGguf } from './inspect-gguf.ts'
import { inspectJson } from './inspect-json.ts'
import { findKerasProblems, inspectHdf5 } from './inspect-keras.ts'
import { inspectNotebook } from './inspect-notebook.ts'
import { inspectNumpy } from './inspect-numpy.ts'
import { inspectOnnx } from './inspect-onnx.ts'
import { inspectPickle } from './inspect-pickle.ts'
import { inspectTemplateFile } from './inspect-template.ts'
import { inspectYaml } from './inspect-yaml.ts'
import { type InspectEntry, inspectZip } from './inspect-zip.ts'
import { type FileScan, type Finding, finding } from './scan-report.ts'
import { type UnpackBudget, unpackBudgetFor } from './unpack-budget.ts'

const HEAD_BYTES = 4096
const MAX_DEPTH = 4
/** Their entries are inspected one by one: what lies inside them is not hidden. */
const ARCHIVES: ReadonlySet<Format> = new Set(['zip', 'tar'])
/** Formats that can be the text of a serialised Keras object. */
const TEXTS: ReadonlySet<Format> = new Set(['text', 'model-config', 'json'])

interface Place {
  /** How many archives the file lies in. */
  depth: number
  budget: UnpackBudget
}

/** Never throws for what the file contains; what could not be looked at is not counted in `bytes_covered`. */
export const inspectFile = (file: RangedFile): Promise<FileScan> =>
  inspectAt(file, { depth: 0, budget: unpackBudgetFor(file.bytes) })

const inspectEntries =
  (budget: UnpackBudget): InspectEntry =>
  (file, depth) =>
    inspectAt(file, { depth, budget })

async function inspectAt(file: RangedFile, place: Place): Promise<FileScan> {
  const refused = refusal(file, place)
  if (refused) return notCovered('archive', refused)
  const head = await file.read(0, HEAD_BYTES)
  const zipEnd = await hasZipDirectory(file)
  const detected = await settled(detectFormat(file.path, head, file.bytes, zipEnd), file)
  const scan = await inspectAs(detected, file, head, place)
  const also: Finding[] = await findDisguises(file, head, detected)
  let complete = true
  if (detected.format !== 'pickle') {
    const pickles = await findDisguisedPickle(file)
    also.push(...pickles.findings)
    complete = pickles.complete
  }
  if (zipEnd && detected.format !== 'zip') also.push(...(await inspectDisguisedZip(file, detected, place)))
  if (detected.format !== 'hdf5' && !ARCHIVES.has(detected.format))
    also.push(...(await inspectDisguisedHdf5(file, detected)))
  if (detected.format !== 'yaml' && /\.ya?ml$/i.test(file.path)) also.push(...(await findYamlCode(file)))
  if (TEXTS.has(detected.format) && /\.json$/i.test(file.path)) also.push(...(await findKerasProblems(file)))
  return { ...scan, bytes_covered: complete ? scan.bytes_covered : 0, findings: [...scan.findings, ...also] }
}

/** Engines load any .bin with torch.load, and only the content tells which of them are pickles. */
async function settled(detected: Detected, file: RangedFile): Promise<Detected> {
  const isOpen = detected.format === 'text' || detected.format === 'binary'
  if (!isOpen || !/\.bin$/i.test(file.path) || !(await startsAsPickle(file))) return detected
  return { format: 'pickle', label: 'pickle' }
}

/** Another program goes by the name alone. */
const findYamlCode = async (file: RangedFile): Promise<Finding[]> =>
  (await inspectYaml(file)).findings.filter(({ severity }) => severity === 'block')

function refusal(file: RangedFile, { depth, budget }: Place): Finding | undefined {
  if (depth > MAX_DEPTH)
    return finding('warn', 'nested-too-deep', `${file.path} lies more than ${MAX_DEPTH} archives deep.`)
  if (depth > 0) budget.bytes -= file.bytes
  if (budget.bytes < 0)
    return finding('warn', 'nested-too-large', `${file.path} lies in archives that unpack to more than is looked into.`)
  return undefined
}

async function inspectDisguisedZip(
  file: RangedFile,
  { label }: Detected,
  { depth, budget }: Place,
): Promise<Finding[]> {
  const archive = await inspectZip(file, depth, inspectEntries(budget), budget)
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

function inspectAs(
  { format, label }: Detected,
  file: RangedFile,
  head: Uint8Array,
  place: Place,
): Promise<FileScan> | FileScan {
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
      return inspectArchive(file, place)
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
      return inspectTar(file, place.depth, inspectEntries(place.budget))
    case 'gzip':
    case 'zstd':
    case 'zlib':
      return inspectCompressed(file, format, place.depth, inspectEntries(place.budget), place.budget)
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
    case 'json':
      return inspectJson(file, head)
    case 'yaml':
      return inspectYaml(file)
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
  const isNamedSo = /\.onnx$/i.test(file.path)
  if (isNamedSo || scan.bytes_covered > 0 || scan.findings.some(({ severity }) => severity === 'block')) return scan
  return covered(file, 'binary')
}

async function inspectArchive(file: RangedFile, { depth, budget }: Place): Promise<FileScan> {
  const scan = await inspectZip(file, depth, inspectEntries(budget), budget)
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
