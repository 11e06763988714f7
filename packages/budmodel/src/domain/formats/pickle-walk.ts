/** Steps through one pickle, opcode by opcode, and says which globals it names; payloads are stepped over, not read. */
import { ByteCursor, EndOfFile } from './byte-cursor.ts'
import {
  type Argument,
  BrokenPickle,
  type MemoIndex,
  type PickleGlobal,
  PickleMachine,
  PickleTooLarge,
} from './pickle-machine.ts'
import { type Opcode, pickleOpcodes } from './pickle-opcodes.ts'
import type { RangedFile } from './ranged-file.ts'

const MAX_NAME_BYTES = 512
/** Numbers may be written with any number of zeros before them. */
const MAX_NUMBER_BYTES = 64 * 1024
/** What Python demands at least of the values it reads from lines: so words of a text are no values. */
const LITERALS: Readonly<Record<string, RegExp>> = {
  INT: /\d/,
  LONG: /\d/,
  FLOAT: /\d|inf|nan/i,
  STRING: /^['"]/,
}
const MAX_KEPT_TEXT = 64
const MAX_TEXTS = 100_000
/** Payloads that could themselves be pickles are named so that the caller can look inside. */
const MAX_PAYLOADS = 1000
const PEEK_BYTES = 64

export interface PickleWalk {
  /** After the STOP opcode; where reading ended when the pickle is broken. */
  end: number
  /** Why it could not be followed to its STOP. */
  broken: string | undefined
  /** It is larger than what is followed here; Python would go on. */
  tooLarge: boolean
  globals: PickleGlobal[]
  patchedGlobals: PickleGlobal[]
  extensionOffsets: number[]
  calls: number
  opcodes: number
  /** Byte ranges of texts and bytes that begin like a pickle. */
  payloads: { start: number; bytes: number }[]
  /** The whole number with which it begins, however it is written: torch's old format is known by one. */
  firstNumber: bigint | undefined
  /** Its short texts in their order. */
  texts: string[]
  /** Key → type of the storages that torch is asked for. */
  storages: ReadonlyMap<string, PickleGlobal>
}

type Progress = Pick<PickleWalk, 'opcodes' | 'firstNumber' | 'payloads' | 'texts'>

/** Walks the pickle that starts at `start`. Never throws for what the file contains. */
async function walkPickle(file: RangedFile, start = 0): Promise<PickleWalk> {
  const cursor = new ByteCursor(file, start)
  const machine = new PickleMachine()
  const progress: Progress = { opcodes: 0, firstNumber: undefined, payloads: [], texts: [] }
  let broken: string | undefined
  let tooLarge = false
  try {
    await followToStop(cursor, machine, progress)
  } catch (error) {
    if (!(error instanceof EndOfFile || error instanceof BrokenPickle)) throw error
    broken = error.message
    tooLarge = error instanceof PickleTooLarge
  }
  const { globals, patchedGlobals, extensionOffsets, calls, storages } = machine
  const seen = { globals, patchedGlobals, extensionOffsets, calls, storages, ...progress }
  return { end: cursor.position, broken, tooLarge, ...seen }
}

async function followToStop(cursor: ByteCursor, machine: PickleMachine, progress: Progress): Promise<void> {
  for (;;) {
    const offset = cursor.position
    const code = cursor.nextBuffered() ?? (await cursor.next())
    if (code === undefined) throw new EndOfFile(offset)
    const opcode = pickleOpcodes.get(code)
    if (!opcode) throw new BrokenPickle(`byte 0x${code.toString(16).padStart(2, '0')} at ${offset} is no pickle opcode`)
    const argument = await readArgument(cursor, opcode, offset, progress)
    const { text } = argument
    if (text !== undefined && text.length <= MAX_KEPT_TEXT && progress.texts.length < MAX_TEXTS)
      progress.texts.push(text)
    machine.apply(opcode.effect, argument)
    progress.opcodes++
    if (opcode.effect === 'stop') return
  }
}

async function readArgument(cursor: ByteCursor, opcode: Opcode, offset: number, progress: Progress): Promise<Argument> {
  const { argument, effect } = opcode
  if ('lines' in argument) return readLines(cursor, opcode, offset, progress)
  if ('fixed' in argument) {
    if (argument.fixed === 0) return { offset }
    const bytes = await cursor.take(argument.fixed)
    const isIndex = effect === 'memo-get' || effect === 'memo-put'
    return { offset, index: isIndex ? bytes.readUIntLE(0, argument.fixed) : undefined }
  }
  const length = await readLength(cursor, argument.sized)
  const start = cursor.position
  if (effect !== 'push-text' && effect !== 'push-bytes') {
    if (isFirst(progress) && length <= PEEK_BYTES) progress.firstNumber = fromLittleEndian(await cursor.take(length))
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

async function readLines(
  cursor: ByteCursor,
  { argument, effect, name }: Opcode,
  offset: number,
  progress: Progress,
): Promise<Argument> {
  if (effect === 'memo-get' || effect === 'memo-put') return { offset, index: await readIndex(cursor) }
  const first = await readName(cursor)
  if ('lines' in argument && argument.lines === 2) return { offset, module: first, name: await readName(cursor) }
  if (first !== undefined && LITERALS[name]?.test(first) === false)
    throw new BrokenPickle(`${name} at ${offset} holds no such value`)
  if (effect !== 'push-text') {
    if (isFirst(progress) && (name === 'LONG' || name === 'INT')) progress.firstNumber = parseNumber(first)
    return { offset }
  }
  // STRING holds a Python literal, UNICODE may hold escapes: an escaped name is never one of the allowed ones.
  if (first?.includes('\\')) return { offset, text: undefined }
  return { offset, text: name === 'STRING' ? /^(['"])(.*)\1$/.exec(first?.trim() ?? '')?.[2] : first }
}

/** A text line, if it is short enough to be a name. */
async function readName(cursor: ByteCursor): Promise<string | undefined> {
  const { head, bytes } = await cursor.line(MAX_NAME_BYTES)
  return bytes > MAX_NAME_BYTES ? undefined : decodeName(head)
}

/** PROTO and FRAME may stand before it. */
const isFirst = ({ opcodes, firstNumber }: Progress): boolean => opcodes <= 2 && firstNumber === undefined

const fromLittleEndian = (bytes: Buffer): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)

/** As Python's int(text, 0) reads it: decimal, or with 0x, 0o, 0b; underscores, a sign, and the L of old longs. */
function parseNumber(line: string | undefined): bigint | undefined {
  const match = /^\+?((?:0[xob])?[\da-f](?:_?[\da-f])*)l?$/.exec(line?.trim().toLowerCase() ?? '')
  try {
    return match?.[1] === undefined ? undefined : BigInt(match[1].replaceAll('_', ''))
  } catch {
    return undefined
  }
}

/** As Python's int() reads it: white space around it, a sign, underscores and any number of zeros. C reads up to a NUL. */
async function readIndex(cursor: ByteCursor): Promise<MemoIndex> {
  const { head, bytes } = await cursor.line(MAX_NUMBER_BYTES)
  if (bytes > MAX_NUMBER_BYTES) throw new PickleTooLarge(`a memo index of ${bytes} digits`)
  const text = head.toString('latin1').replace(/\0.*$/s, '').trim()
  const match = /^([+-]?)(\d+(?:_\d+)*)$/.exec(text)
  const digits = match?.[2]?.replaceAll('_', '').replace(/^0+(?=\d)/, '')
  if (digits === undefined || (match?.[1] === '-' && digits !== '0'))
    throw new BrokenPickle(`a memo index that is no number: ${JSON.stringify(text.slice(0, 40))}`)
  return digits.length <= 15 ? Number(digits) : digits
}

const MAX_PICKLES = 1000

/**
 * The pickles that follow each other from `start` on, as programs read them with one call each. The last one may be
 * broken; there are more than are followed if it is not and ends before the file does.
 */
export async function* walkPickles(file: RangedFile, start = 0): AsyncGenerator<PickleWalk> {
  let at = start
  for (let count = 0; at < file.bytes && count < MAX_PICKLES; count++) {
    const walk = await walkPickle(file, at)
    yield walk
    if (walk.broken !== undefined) return
    at = walk.end
  }
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
