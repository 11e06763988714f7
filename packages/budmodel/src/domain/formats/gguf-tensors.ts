/** GGUF's table of tensors: sizes that can be counted, and a place of its own for each of them, without gaps. */
import { printable } from '../file-path.ts'
import { BrokenGguf, type GgufReader } from './gguf-reader.ts'
import { ggmlTypes } from './gguf-types.ts'

export interface GgufTensor {
  name: string
  type: number
  shape: number[]
  elements: number
  /** From the start of the data part. */
  offset: number
  /** Undefined where the type is not known. */
  bytes: number | undefined
}

const MAX_TENSORS = 200_000
/** ggml's GGML_MAX_DIMS; GGML_MAX_NAME is 64, which forks raise. */
const MAX_DIMENSIONS = 4
const MAX_NAME_BYTES = 256

/** Throws BrokenGguf and EndOfFile. */
export async function readTensorTable(reader: GgufReader, count: bigint): Promise<GgufTensor[]> {
  // name length, number of dimensions, one dimension, type, offset
  const least = reader.sizeBytes + 4 + reader.sizeBytes + 4 + 8
  if (count > MAX_TENSORS || count * BigInt(least) > BigInt(reader.remaining)) {
    throw new BrokenGguf('gguf-header-invalid', 8, `${count.toLocaleString('en')} tensors, more than can be in it`)
  }
  const tensors: GgufTensor[] = []
  const names = new Set<string>()
  for (let i = 0; i < Number(count); i++) {
    const offset = reader.position
    const tensor = await readTensor(reader)
    if (names.has(tensor.name)) {
      throw new BrokenGguf('gguf-duplicate-tensor', offset, `the tensor "${printable(tensor.name)}" twice`)
    }
    names.add(tensor.name)
    tensors.push(tensor)
  }
  return tensors
}

async function readTensor(reader: GgufReader): Promise<GgufTensor> {
  const start = reader.position
  const bytes = await reader.length('a tensor name')
  if (bytes > MAX_NAME_BYTES)
    throw new BrokenGguf('gguf-tensor-invalid', start, `a tensor name of ${bytes.toLocaleString('en')} bytes`)
  const name = (await reader.take(bytes)).toString('utf8')
  const invalid = (problem: string) =>
    new BrokenGguf('gguf-tensor-invalid', start, `a tensor "${printable(name)}" ${problem}`)
  const dimensions = await reader.u32()
  if (dimensions > MAX_DIMENSIONS) throw invalid(`of ${dimensions} dimensions; at most ${MAX_DIMENSIONS} are allowed`)
  const shape: number[] = []
  let elements = 1
  for (let i = 0; i < dimensions; i++) {
    const size = Number(await reader.size())
    elements *= size
    if (size === 0 || !Number.isSafeInteger(size) || !Number.isSafeInteger(elements))
      throw invalid(`of a shape that cannot be: [${[...shape, size].join(', ')}${i + 1 < dimensions ? ', …' : ''}]`)
    shape.push(size)
  }
  const type = await reader.u32()
  const offset = Number(await reader.u64())
  if (!Number.isSafeInteger(offset)) throw invalid(`at offset ${offset}`)
  return { name, type, shape, elements, offset, bytes: sizeOf(type, shape, elements, invalid) }
}

function sizeOf(
  type: number,
  shape: readonly number[],
  elements: number,
  invalid: (problem: string) => BrokenGguf,
): number | undefined {
  const format = ggmlTypes.get(type)
  if (!format) return undefined
  const row = shape[0] ?? 1
  if (row % format.elements !== 0)
    throw invalid(`of ${format.name} with rows of ${row}, which is no multiple of ${format.elements}`)
  const bytes = (elements / format.elements) * format.bytes
  if (!Number.isSafeInteger(bytes)) throw invalid('of a size that cannot be counted')
  return bytes
}

export interface LayoutProblem {
  rule: string
  message: string
  offset: number
}

/** `dataStart` and `alignment` in bytes; all tensors' sizes are known. The table's order does not matter. */
export function findLayoutProblems(
  tensors: readonly GgufTensor[],
  fileBytes: number,
  dataStart: number,
  alignment: number,
): { problems: LayoutProblem[]; end: number } {
  const problems: LayoutProblem[] = []
  const report = (rule: string, message: string, tensor: GgufTensor) => {
    if (problems.length < 20) problems.push({ rule, message, offset: dataStart + tensor.offset })
  }
  let end = 0
  let before = 'the table'
  for (const tensor of tensors.toSorted((a, b) => a.offset - b.offset || (a.bytes ?? 0) - (b.bytes ?? 0))) {
    const named = `the tensor "${printable(tensor.name)}"`
    const next = padded(end, alignment)
    if (tensor.offset % alignment !== 0)
      report('gguf-tensor-invalid', `${named} at ${tensor.offset}, which is no multiple of ${alignment}`, tensor)
    else if (tensor.offset < end) report('gguf-overlap', `${named} at ${tensor.offset}, inside ${before}`, tensor)
    else if (tensor.offset > next)
      report('gguf-hole', `${tensor.offset - next} bytes before ${named} that belong to no tensor`, tensor)
    const last = tensor.offset + (tensor.bytes ?? 0)
    if (dataStart + last > fileBytes)
      report('gguf-cut-short', `${named} up to byte ${dataStart + last}, and ends at byte ${fileBytes}`, tensor)
    if (last > end) {
      end = last
      before = named
    }
  }
  return { problems, end: dataStart + end }
}

export const padded = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment
