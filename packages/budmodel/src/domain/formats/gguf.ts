/**
 * GGUF, the one-file format of llama.cpp and its kin: header, key-value metadata, table of tensors, data. Only the
 * structure is read, by parts; the tensors' bytes are stepped over.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; limits as in ggml's gguf.cpp.
 */
import { EndOfFile } from './byte-cursor.ts'
import { type GgufValue, readMetadata } from './gguf-metadata.ts'
import { BrokenGguf, GgufReader } from './gguf-reader.ts'
import { findLayoutProblems, type GgufTensor, type LayoutProblem, padded, readTensorTable } from './gguf-tensors.ts'

import type { RangedFile } from './ranged-file.ts'

export type { GgufTensor, GgufValue }

const FIXED_BYTES = 8
const DEFAULT_ALIGNMENT = 32
const NEWEST_VERSION = 3

export interface GgufFile {
  version: number
  bigEndian: boolean
  values: ReadonlyMap<string, GgufValue>
  tensors: readonly GgufTensor[]
  /** What no sound file has, each as the end of "the file has …". Empty when it is sound. */
  problems: LayoutProblem[]
  /** Why it could not be understood although nothing in it is wrong, as the end of "the file …". */
  notUnderstood: string | undefined
  /** Bytes after the last tensor's padding. */
  trailingBytes: number
}

/** Never throws for what the file contains. */
export async function readGguf(file: RangedFile): Promise<GgufFile> {
  const gguf: GgufFile = {
    version: 0,
    bigEndian: false,
    values: new Map(),
    tensors: [],
    problems: [],
    notUnderstood: undefined,
    trailingBytes: 0,
  }
  try {
    await readParts(file, gguf)
  } catch (error) {
    if (error instanceof BrokenGguf)
      gguf.problems.push({ rule: error.rule, message: error.message, offset: error.offset })
    else if (error instanceof EndOfFile)
      gguf.problems.push({
        rule: 'gguf-cut-short',
        message: `its end at byte ${error.offset}, in the middle of a value`,
        offset: error.offset,
      })
    else throw error
  }
  return gguf
}

async function readParts(file: RangedFile, gguf: GgufFile): Promise<void> {
  const head = Buffer.from(await file.read(0, FIXED_BYTES))
  if (head.toString('latin1', 0, 4) !== 'GGUF') {
    throw new BrokenGguf('gguf-header-invalid', 0, 'no GGUF signature at its start')
  }
  if (head.length < FIXED_BYTES) throw new EndOfFile(file.bytes)
  const little = head.readUInt32LE(4)
  gguf.bigEndian = little > 0xffff && (little & 0xffff) === 0
  gguf.version = gguf.bigEndian ? head.readUInt32BE(4) : little
  if (gguf.version < 1 || gguf.version > NEWEST_VERSION) {
    gguf.notUnderstood = `is GGUF of version ${gguf.version}, which is not known here`
    return
  }
  const reader = new GgufReader(file, FIXED_BYTES, { number: gguf.version, bigEndian: gguf.bigEndian })
  const tensorCount = await reader.size()
  const pairCount = await reader.size()
  gguf.values = await readMetadata(reader, pairCount)
  gguf.tensors = await readTensorTable(reader, tensorCount)
  const alignment = alignmentOf(gguf)
  const unknown = gguf.tensors.find(({ bytes }) => bytes === undefined)
  if (unknown) {
    gguf.notUnderstood = `has tensors of type ${unknown.type}, which is not known here`
    return
  }
  const dataStart = padded(reader.position, alignment)
  const layout = findLayoutProblems(gguf.tensors, file.bytes, dataStart, alignment)
  gguf.problems.push(...layout.problems)
  const end = gguf.tensors.length === 0 ? dataStart : dataStart + padded(layout.end - dataStart, alignment)
  gguf.trailingBytes = Math.max(0, file.bytes - end)
}

function alignmentOf({ values }: GgufFile): number {
  const stated = values.get('general.alignment')
  if (!stated) return DEFAULT_ALIGNMENT
  const value = stated.kind === 'number' ? stated.value : 0
  if (Number.isInteger(value) && value > 0 && value <= 2 ** 30 && Number.isInteger(Math.log2(value))) return value
  throw new BrokenGguf('gguf-metadata-invalid', FIXED_BYTES, 'a general.alignment that is no power of two')
}

/** A text value as a whole; undefined when it is no text, or longer than `maxBytes`. */
export async function readGgufText(
  file: RangedFile,
  value: GgufValue | undefined,
  maxBytes: number,
): Promise<string | undefined> {
  if (value?.kind !== 'text') return undefined
  if (value.value !== undefined) return value.value
  if (value.bytes > maxBytes) return undefined
  return Buffer.from(await file.read(value.start, value.bytes)).toString('utf8')
}
