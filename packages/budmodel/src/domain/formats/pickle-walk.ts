/** Steps through one pickle, opcode by opcode, and says which globals it names; payloads are stepped over, not read. */
import { ByteCursor, EndOfFile } from './byte-cursor.ts'
import { type Argument, BrokenPickle, type PickleGlobal, PickleMachine } from './pickle-machine.ts'
import { type Opcode, pickleOpcodes } from './pickle-opcodes.ts'
import type { RangedFile } from './ranged-file.ts'

const MAX_NAME_BYTES = 512
/** Payloads that could themselves be pickles are named so that the caller can look inside. */
const MAX_PAYLOADS = 1000
const PEEK_BYTES = 64

export interface PickleWalk {
  /** After the STOP opcode; where reading ended when the pickle is broken. */
  end: number
  /** Why it could not be followed to its STOP. */
  broken: string | undefined
  globals: PickleGlobal[]
  patchedGlobals: PickleGlobal[]
  extensionOffsets: number[]
  calls: number
  opcodes: number
  /** Byte ranges of texts and bytes that begin like a pickle. */
  payloads: { start: number; bytes: number }[]
  /** Value of a first LONG1, by which torch's old format is known (hexadecimal, little-endian). */
  firstLong: string | undefined
}

interface Progress {
  opcodes: number
  firstLong: string | undefined
  payloads: { start: number; bytes: number }[]
}

/** Walks the pickle that starts at `start`. Never throws for what the file contains. */
export async function walkPickle(file: RangedFile, start = 0): Promise<PickleWalk> {
  const cursor = new ByteCursor(file, start)
  const machine = new PickleMachine()
  const progress: Progress = { opcodes: 0, firstLong: undefined, payloads: [] }
  let broken: string | undefined
  try {
    await followToStop(cursor, machine, progress)
  } catch (error) {
    if (!(error instanceof EndOfFile || error instanceof BrokenPickle)) throw error
    broken = error.message
  }
  const { globals, patchedGlobals, extensionOffsets, calls } = machine
  return { end: cursor.position, broken, globals, patchedGlobals, extensionOffsets, calls, ...progress }
}

async function followToStop(cursor: ByteCursor, machine: PickleMachine, progress: Progress): Promise<void> {
  for (;;) {
    const offset = cursor.position
    const code = cursor.nextBuffered() ?? (await cursor.next())
    if (code === undefined) throw new EndOfFile(offset)
    const opcode = pickleOpcodes.get(code)
    if (!opcode) throw new BrokenPickle(`byte 0x${code.toString(16).padStart(2, '0')} at ${offset} is no pickle opcode`)
    const argument = await readArgument(cursor, opcode, offset, progress)
    machine.apply(opcode.effect, argument)
    progress.opcodes++
    if (opcode.effect === 'stop') return
  }
}

async function readArgument(cursor: ByteCursor, opcode: Opcode, offset: number, progress: Progress): Promise<Argument> {
  const { argument, effect } = opcode
  if ('lines' in argument) return readLines(cursor, opcode, offset)
  if ('fixed' in argument) {
    if (argument.fixed === 0) return { offset }
    const bytes = await cursor.take(argument.fixed)
    const isIndex = effect === 'memo-get' || effect === 'memo-put'
    return { offset, index: isIndex ? bytes.readUIntLE(0, argument.fixed) : undefined }
  }
  const length = await readLength(cursor, argument.sized)
  const start = cursor.position
  if (effect !== 'push-text' && effect !== 'push-bytes') {
    if (progress.opcodes <= 1 && length <= PEEK_BYTES)
      progress.firstLong ??= (await cursor.take(length)).toString('hex')
    else cursor.skip(length)
    return { offset }
  }
  const head = await cursor.take(Math.min(length, effect === 'push-text' ? MAX_NAME_BYTES : PEEK_BYTES))
  if (looksLikePickle(head) && progress.payloads.length < MAX_PAYLOADS) progress.payloads.push({ start, bytes: length })
  cursor.skip(length - head.length)
  const text = effect === 'push-text' && length <= MAX_NAME_BYTES ? decodeName(head) : undefined
  return { offset, text }
}

async function readLength(cursor: ByteCursor, width: 1 | 4 | 8): Promise<number> {
  const bytes = await cursor.take(width)
  const length = width === 8 ? Number(bytes.readBigUInt64LE()) : bytes.readUIntLE(0, width)
  if (length > cursor.remaining) throw new EndOfFile(cursor.position + cursor.remaining)
  return length
}

async function readLines(cursor: ByteCursor, { argument, effect, name }: Opcode, offset: number): Promise<Argument> {
  const first = await readName(cursor)
  if ('lines' in argument && argument.lines === 2) return { offset, module: first, name: await readName(cursor) }
  if (effect === 'memo-get' || effect === 'memo-put') return { offset, index: parseIndex(first) }
  if (effect !== 'push-text') return { offset }
  // STRING holds a Python literal, UNICODE may hold escapes: an escaped name is never one of the allowed ones.
  if (first?.includes('\\')) return { offset, text: undefined }
  return { offset, text: name === 'STRING' ? /^(['"])(.*)\1$/.exec(first?.trim() ?? '')?.[2] : first }
}

/** A text line, if it is short enough to be a name. */
async function readName(cursor: ByteCursor): Promise<string | undefined> {
  const { head, bytes } = await cursor.line(MAX_NAME_BYTES)
  return bytes > MAX_NAME_BYTES ? undefined : decodeName(head)
}

/** As Python's int() reads it: white space around it, a sign, underscores between digits. */
function parseIndex(line: string | undefined): number {
  const text = line?.trim() ?? ''
  if (!/^\+?\d(?:_?\d){0,14}$/.test(text))
    throw new BrokenPickle(`a memo index that is no number: "${text.slice(0, 40)}"`)
  return Number(text.replaceAll('_', ''))
}

/** True for bytes that begin like a pickle of any protocol: \x80 and a version, or GLOBAL/INST lines. */
export function looksLikePickle(head: Uint8Array): boolean {
  if (head.length < 2) return false
  if (head[0] === 0x80) return (head[1] ?? 255) <= 5
  return /^[(0-9NI\][)}{tl.\n]{0,16}[ci][A-Za-z_][\w.]*\r?\n[A-Za-z_][\w.]*\r?\n/.test(
    Buffer.from(head).toString('latin1'),
  )
}

function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
