/**
 * Safetensors: u64 little-endian header length, a JSON header, then the tensors' bytes. A sound file has no byte
 * that belongs to no tensor or to two, and ends where its last tensor ends.
 * Source: https://github.com/huggingface/safetensors (format section of its README).
 */

import { findPickleIn } from '../scan/find-pickles.ts'
import { type FileScan, type Finding, finding } from '../scan/scan-report.ts'
import { findJsonOddity } from './json-structure.ts'
import { fileInMemory, type RangedFile } from './ranged-file.ts'

const LENGTH_BYTES = 8
/** The reference implementation's own cap. */
const MAX_HEADER_BYTES = 100_000_000
const MAX_TENSORS = 500_000
const MAX_HEADER_COMMAS = 10_000_000
/** header → tensor → shape */
const MAX_HEADER_DEPTH = 3
const MAX_METADATA = 1000
/** Each costs a read. */
const MAX_BYTE_TENSORS = 64

const DTYPE_BITS: Record<string, number> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  F64: 64,
  I64: 64,
  U64: 64,
  C64: 64,
}

export interface Tensor {
  name: string
  dtype: string
  shape: number[]
  begin: number
  end: number
}

export interface SafetensorsHeader {
  tensors: Tensor[]
  metadata: Record<string, string>
  /** Where in the file the offsets of tensors count from. */
  dataStart: number
  /** Empty when the file is sound. */
  problems: Finding[]
  /** > 0 when the file ends before its header says: at least so many bytes are missing. */
  missing_bytes: number
}

/** Reads the header only (≤ 100 MB, its shape checked before it is parsed), whatever the file's size. */
export async function readSafetensorsHeader(file: RangedFile): Promise<SafetensorsHeader> {
  if (file.bytes < LENGTH_BYTES) return cutShort(file, LENGTH_BYTES - file.bytes, 'before its header')
  const lengthField = await file.read(0, LENGTH_BYTES)
  const headerBytes = Number(
    new DataView(lengthField.buffer, lengthField.byteOffset, LENGTH_BYTES).getBigUint64(0, true),
  )
  if (headerBytes > MAX_HEADER_BYTES) {
    return broken(
      'safetensors-header-too-large',
      `${file.path} announces a header of ${headerBytes.toLocaleString('en')} bytes; at most ${MAX_HEADER_BYTES.toLocaleString('en')} are allowed.`,
      0,
    )
  }
  if (LENGTH_BYTES + headerBytes > file.bytes) {
    return cutShort(file, LENGTH_BYTES + headerBytes - file.bytes, 'inside its header')
  }
  const bytes = await file.read(LENGTH_BYTES, headerBytes)
  const shapeProblem = headerShapeProblem(bytes)
  if (shapeProblem)
    return broken('safetensors-header-invalid', `The header of ${file.path} ${shapeProblem}.`, LENGTH_BYTES)
  const text = decode(bytes)
  const parsed = text === undefined ? undefined : parseJson(text)
  if (text === undefined || parsed === undefined) {
    return broken('safetensors-header-invalid', `The header of ${file.path} is not valid JSON.`, LENGTH_BYTES)
  }
  const oddity = findJsonOddity(text)
  if (oddity?.kind === 'repeated-key') {
    return broken(
      'safetensors-duplicate-key',
      `The header of ${file.path} has ${JSON.stringify(oddity.key.slice(0, 80))} twice; which one is read depends on the program.`,
      LENGTH_BYTES,
    )
  }
  return checkHeader(file, LENGTH_BYTES + headerBytes, parsed)
}

/** The same as a scan result: everything that is wrong blocks, a file that could not be understood is not covered. */
export async function inspectSafetensors(file: RangedFile): Promise<FileScan> {
  const header = await readSafetensorsHeader(file)
  const { problems } = header
  if (problems.length > 0) return { format: 'safetensors', bytes_covered: 0, findings: problems }
  return { format: 'safetensors', bytes_covered: file.bytes, findings: await findHidden(file, header) }
}

/** What a loader of its own could unpack from a sound file: pickles and programs in metadata and in byte tensors. */
async function findHidden(file: RangedFile, { tensors, metadata, dataStart }: SafetensorsHeader): Promise<Finding[]> {
  const findings: Finding[] = []
  const hidden = (rule: string, where: string, what: string, offset: number) =>
    findings.push(finding('block', rule, `${file.path} hides ${what} in ${where}.`, { offset }))
  for (const [key, value] of Object.entries(metadata).slice(0, MAX_METADATA)) {
    for (const content of unpacked(value))
      if ((await findPickleIn(fileInMemory(file.path, content), 0, content.length)).some(isBlocking))
        hidden('safetensors-hidden-pickle', `the metadata "${key}"`, 'a pickle', LENGTH_BYTES)
  }
  const byteTensors = tensors.filter(({ dtype, shape }) => shape.length === 1 && (dtype === 'U8' || dtype === 'I8'))
  for (const { name, begin, end } of byteTensors.slice(0, MAX_BYTE_TENSORS)) {
    const start = dataStart + begin
    const magic = Buffer.from(await file.read(start, Math.min(4, end - begin))).toString('latin1')
    if (magic === '\x7fELF') hidden('safetensors-hidden-program', `the tensor "${name}"`, 'a program', start)
    else if ((await findPickleIn(file, start, end - begin)).some(isBlocking))
      hidden('safetensors-hidden-pickle', `the tensor "${name}"`, 'a pickle', start)
  }
  return findings
}

const isBlocking = ({ severity }: Finding): boolean => severity === 'block'

/** The text itself, and what it stands for where it is hexadecimal or base64. */
function unpacked(text: string): Buffer[] {
  const found = [Buffer.from(text, 'latin1')]
  if (/^(?:[\da-f]{2}){4,}$/i.test(text)) found.push(Buffer.from(text, 'hex'))
  if (/^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(text)) found.push(Buffer.from(text, 'base64'))
  return found
}

/** True when a file of another name has a safetensors header. */
export function looksLikeSafetensors(head: Uint8Array, fileBytes: number): boolean {
  if (head.length < LENGTH_BYTES + 2) return false
  const length = new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getBigUint64(0, true)
  return head[LENGTH_BYTES] === 0x7b && length > 1n && length <= BigInt(Math.min(MAX_HEADER_BYTES, fileBytes))
}

function checkHeader(file: RangedFile, dataStart: number, parsed: Record<string, unknown>): SafetensorsHeader {
  const tensors: Tensor[] = []
  const problems: Finding[] = []
  let metadata: Record<string, string> = {}
  const report = (rule: string, message: string) => {
    if (problems.length < 20) problems.push(finding('block', rule, message, { offset: LENGTH_BYTES }))
  }
  for (const [name, entry] of Object.entries(parsed)) {
    if (name === '__metadata__') {
      if (isStringMap(entry)) metadata = entry
      else report('safetensors-header-invalid', `__metadata__ of ${file.path} is not a map of texts.`)
      continue
    }
    const tensor = parseTensor(name, entry)
    if (typeof tensor === 'string') report('safetensors-tensor-invalid', `${file.path}: tensor "${name}" ${tensor}.`)
    else tensors.push(tensor)
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end)
  const end = checkLayout(file, tensors, report)
  const surplus = file.bytes - (dataStart + end)
  if (surplus < 0) {
    const missing = -surplus
    report(
      'safetensors-cut-short',
      `${file.path} is cut short: ${missing.toLocaleString('en')} of ${(dataStart + end).toLocaleString('en')} bytes are missing. Send the file again.`,
    )
    return { tensors, metadata, dataStart, problems, missing_bytes: missing }
  }
  if (surplus > 0) {
    report('safetensors-trailing-data', `${file.path} has ${surplus.toLocaleString('en')} bytes after its last tensor.`)
  }
  return { tensors, metadata, dataStart, problems, missing_bytes: 0 }
}

/** Tensors must follow each other without overlap or hole; answers where the last one ends. */
function checkLayout(
  file: RangedFile,
  tensors: readonly Tensor[],
  report: (rule: string, message: string) => void,
): number {
  let end = 0
  let before = 'the header'
  for (const tensor of tensors) {
    if (tensor.begin < end)
      report(
        'safetensors-overlap',
        `${file.path}: tensor "${tensor.name}" starts at ${tensor.begin}, inside "${before}".`,
      )
    if (tensor.begin > end)
      report(
        'safetensors-hole',
        `${file.path}: ${tensor.begin - end} bytes between "${before}" and tensor "${tensor.name}" belong to no tensor.`,
      )
    end = Math.max(end, tensor.end)
    before = tensor.name
  }
  return end
}

/** The tensor, or what is wrong with it. */
function parseTensor(name: string, entry: unknown): Tensor | string {
  if (!isRecord(entry)) return 'is not described by an object'
  const { dtype, shape, data_offsets: offsets } = entry
  const bits = typeof dtype === 'string' && Object.hasOwn(DTYPE_BITS, dtype) ? DTYPE_BITS[dtype] : undefined
  if (typeof dtype !== 'string' || bits === undefined) return `has the unknown dtype ${JSON.stringify(dtype)}`
  if (!Array.isArray(shape) || !shape.every(isSize)) return 'has a shape that is not a list of sizes'
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) return 'has no valid data_offsets'
  const [begin, end] = offsets as [number, number]
  if (end < begin) return `ends (${end}) before it starts (${begin})`
  const expected = (shape.reduce((product: number, size: number) => product * size, 1) * bits) / 8
  if (!Number.isSafeInteger(expected)) return 'has a size that cannot be counted'
  if (expected !== end - begin)
    return `needs ${expected} bytes for ${dtype} [${shape.join(', ')}] but has ${end - begin}`
  return { name, dtype, shape, begin, end }
}

/** Bounds depth and counts before JSON.parse builds objects from up to 100 MB of hostile text. */
function headerShapeProblem(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0x7b) return 'does not start with "{"'
  let depth = 0
  let objects = 0
  let commas = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === 0x22) {
      i = endOfString(bytes, i)
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_HEADER_DEPTH) return `is nested deeper than ${MAX_HEADER_DEPTH} levels`
      if (byte === 0x7b && ++objects > MAX_TENSORS) return `lists more than ${MAX_TENSORS} tensors`
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
    } else if (byte === 0x2c && ++commas > MAX_HEADER_COMMAS) {
      return `has more than ${MAX_HEADER_COMMAS} values`
    }
  }
  return undefined
}

function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1
  while (i < bytes.length && bytes[i] !== 0x22) i += bytes[i] === 0x5c ? 2 : 1
  return i
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

const broken = (rule: string, message: string, offset: number): SafetensorsHeader => ({
  tensors: [],
  metadata: {},
  dataStart: 0,
  problems: [finding('block', rule, message, { offset })],
  missing_bytes: 0,
})

const cutShort = (file: RangedFile, missing: number, where: string): SafetensorsHeader => ({
  tensors: [],
  metadata: {},
  dataStart: 0,
  problems: [
    finding(
      'block',
      'safetensors-cut-short',
      `${file.path} is cut short ${where}: at least ${missing.toLocaleString('en')} bytes are missing. Send the file again.`,
      { offset: file.bytes },
    ),
  ],
  missing_bytes: missing,
})

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isStringMap = (value: unknown): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every((text) => typeof text === 'string')
