/**
 * Walks a protobuf message field by field without generated code: the nesting is a list, not recursion, payloads are
 * stepped over, and only short values that a schema asks for are kept.
 * Source: https://protobuf.dev/programming-guides/encoding/.
 */
import { ByteCursor, EndOfFile } from './byte-cursor.ts'
import type { RangedFile } from './ranged-file.ts'

/** Fields by number. Those not named are stepped over, as every protobuf reader does. */
export interface ProtoSchema {
  readonly message: string
  readonly fields: Readonly<Record<number, ProtoField>>
  /** Every field that may be there at all; left out: any. */
  readonly only?: Readonly<Record<number, ProtoRule>>
}

export interface ProtoRule {
  readonly wire: 'varint' | 'sized'
  readonly once: boolean
}

export type ProtoField =
  | { readonly name: string; readonly kind: 'text' | 'number' | 'bytes' }
  /** A function, since messages contain themselves. */
  | { readonly name: string; readonly kind: 'message'; readonly schema: () => ProtoSchema }

export interface ProtoMessage {
  readonly message: string
  /** The field of the parent that holds it; '' for the outermost. */
  readonly field: string
  readonly offset: number
  readonly parent: ProtoMessage | undefined
  /** Texts and numbers the schema asks for, in the order they came; nothing of a text longer than 4 KiB. */
  readonly values: Map<string, (string | number)[]>
  /** How many bytes fields of kind `bytes` and over-long texts have. */
  readonly skipped: Map<string, number>
}

export interface ProtoWalk {
  /** Why it is no message to its end, as the end of a sentence; undefined when it is. */
  broken: string | undefined
  offset: number
}

/** protobuf's own limit for nested messages. */
const MAX_DEPTH = 100
const MAX_TEXT_BYTES = 4096
const MAX_VALUES = 64
const MAX_FIELDS = 100_000_000

class BrokenMessage extends Error {}

interface Frame extends ProtoMessage {
  schema: ProtoSchema
  end: number
  /** Fields that came, where the schema rules which may. */
  seen: Set<number> | undefined
}

const WIRE_TYPES: Readonly<Record<ProtoRule['wire'], number>> = { varint: 0, sized: 2 }

/** Calls `leave` for every message whose end is reached, inner ones first. Never throws for what the file contains. */
export async function walkProtobuf(
  file: RangedFile,
  schema: ProtoSchema,
  leave: (message: ProtoMessage) => void,
): Promise<ProtoWalk> {
  const cursor = new ByteCursor(file)
  const frames: Frame[] = [frameOf(schema, '', 0, file.bytes, undefined)]
  try {
    for (let fields = 0; ; fields++) {
      let top = frames.at(-1)
      while (top && cursor.position >= top.end) {
        leave(top)
        frames.pop()
        top = frames.at(-1)
      }
      if (!top) return { broken: undefined, offset: cursor.position }
      if (fields >= MAX_FIELDS) throw new BrokenMessage(`has more than ${MAX_FIELDS} fields`)
      const inner = await readField(cursor, top)
      if (inner && frames.push(inner) > MAX_DEPTH)
        throw new BrokenMessage(`nests messages deeper than ${MAX_DEPTH} levels`)
    }
  } catch (error) {
    if (error instanceof EndOfFile) return { broken: error.message, offset: cursor.position }
    if (error instanceof BrokenMessage) return { broken: error.message, offset: cursor.position }
    throw error
  }
}

/** Steps over one field of `frame`; answers the message that it opens. */
async function readField(cursor: ByteCursor, frame: Frame): Promise<Frame | undefined> {
  const offset = cursor.position
  const tag = await varint(cursor, frame)
  const number = Math.floor(tag / 8)
  const field = frame.schema.fields[number]
  if (number === 0 || tag > 0xffffffff) throw new BrokenMessage(`has no field number at byte ${offset}`)
  requireAllowed(frame, number, tag % 8, offset)
  switch (tag % 8) {
    case 0: {
      const value = await varint(cursor, frame)
      if (field?.kind === 'number') keep(frame, field.name, value)
      return undefined
    }
    case 1:
      return step(cursor, frame, 8)
    case 5:
      return step(cursor, frame, 4)
    case 2:
      return readSized(cursor, frame, field)
    default:
      throw new BrokenMessage(`has a field of wire type ${tag % 8} at byte ${offset}`)
  }
}

function requireAllowed({ schema, seen }: Frame, number: number, wire: number, offset: number): void {
  if (!schema.only || !seen) return
  const rule = schema.only[number]
  if (!rule || WIRE_TYPES[rule.wire] !== wire)
    throw new BrokenMessage(`has a field ${number} at byte ${offset} that its format does not have`)
  if (rule.once && seen.has(number)) throw new BrokenMessage(`has its field ${number} twice, again at byte ${offset}`)
  seen.add(number)
}

async function readSized(cursor: ByteCursor, frame: Frame, field: ProtoField | undefined): Promise<Frame | undefined> {
  const offset = cursor.position
  const bytes = await varint(cursor, frame)
  if (cursor.position + bytes > frame.end)
    throw new BrokenMessage(`announces ${bytes.toLocaleString('en')} bytes at byte ${offset}, more than there are`)
  if (field?.kind === 'message')
    return frameOf(field.schema(), field.name, cursor.position, cursor.position + bytes, frame)
  if (field?.kind === 'text' && bytes <= MAX_TEXT_BYTES) {
    const text = cursor.takeBuffered(bytes) ?? (await cursor.take(bytes))
    keep(frame, field.name, text.toString('utf8'))
    return undefined
  }
  if (field) frame.skipped.set(field.name, (frame.skipped.get(field.name) ?? 0) + bytes)
  return step(cursor, frame, bytes)
}

function step(cursor: ByteCursor, frame: Frame, bytes: number): undefined {
  if (cursor.position + bytes > frame.end)
    throw new BrokenMessage(`has a value at byte ${cursor.position} that ends outside its message`)
  cursor.skip(bytes)
}

/** Whole numbers beyond 2^53 lose their last digits: none of them is a length that could be there. */
async function varint(cursor: ByteCursor, frame: Frame): Promise<number> {
  let value = 0
  let factor = 1
  for (let i = 0; i < 10; i++) {
    if (cursor.position >= frame.end)
      throw new BrokenMessage(`has a number at byte ${cursor.position} that ends outside its message`)
    const byte = cursor.nextBuffered() ?? (await cursor.next())
    if (byte === undefined) throw new EndOfFile(cursor.position)
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
    factor *= 128
  }
  throw new BrokenMessage(`has a number of more than ten bytes before byte ${cursor.position}`)
}

function keep(frame: Frame, name: string, value: string | number): void {
  const values = frame.values.get(name)
  if (!values) frame.values.set(name, [value])
  else if (values.length < MAX_VALUES) values.push(value)
}

const frameOf = (
  schema: ProtoSchema,
  field: string,
  offset: number,
  end: number,
  parent: ProtoMessage | undefined,
): Frame => ({
  schema,
  message: schema.message,
  field,
  offset,
  end,
  parent,
  values: new Map(),
  skipped: new Map(),
  seen: schema.only && new Set(),
})
