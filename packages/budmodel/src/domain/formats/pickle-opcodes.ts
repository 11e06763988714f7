/**
 * The opcodes of Python's pickle protocols 0–5: how many argument bytes follow and what happens to the stack.
 * Source: CPython Lib/pickletools.py.
 */

/** A fixed number of bytes; a length of 1, 4 or 8 bytes and then so many; one or two text lines. */
type Argument = { fixed: number } | { sized: 1 | 4 | 8 } | { lines: 1 | 2 }

export type Effect =
  | 'push-opaque'
  | 'push-text'
  | 'push-bytes'
  | 'push-mark'
  | 'pop'
  | 'pop-to-mark'
  | 'duplicate'
  | 'replace-1'
  | 'replace-2'
  | 'replace-3'
  | 'append-1'
  | 'append-2'
  | 'append-to-mark'
  | 'collect-to-mark'
  | 'tuple'
  | 'persistent-id'
  | 'memo-put'
  | 'memo-next'
  | 'memo-get'
  | 'global'
  | 'stack-global'
  | 'instantiate'
  | 'object'
  | 'build'
  | 'reduce'
  | 'new-object'
  | 'new-object-keywords'
  | 'extension'
  | 'stop'
  | 'none'

export interface Opcode {
  name: string
  argument: Argument
  effect: Effect
}

const none: Argument = { fixed: 0 }
const line: Argument = { lines: 1 }

const table: [number, string, Argument, Effect][] = [
  [0x49, 'INT', line, 'push-opaque'],
  [0x4a, 'BININT', { fixed: 4 }, 'push-opaque'],
  [0x4b, 'BININT1', { fixed: 1 }, 'push-opaque'],
  [0x4d, 'BININT2', { fixed: 2 }, 'push-opaque'],
  [0x4c, 'LONG', line, 'push-opaque'],
  [0x8a, 'LONG1', { sized: 1 }, 'push-opaque'],
  [0x8b, 'LONG4', { sized: 4 }, 'push-opaque'],
  [0x53, 'STRING', line, 'push-text'],
  [0x54, 'BINSTRING', { sized: 4 }, 'push-text'],
  [0x55, 'SHORT_BINSTRING', { sized: 1 }, 'push-text'],
  [0x42, 'BINBYTES', { sized: 4 }, 'push-bytes'],
  [0x43, 'SHORT_BINBYTES', { sized: 1 }, 'push-bytes'],
  [0x8e, 'BINBYTES8', { sized: 8 }, 'push-bytes'],
  [0x96, 'BYTEARRAY8', { sized: 8 }, 'push-bytes'],
  [0x97, 'NEXT_BUFFER', none, 'push-opaque'],
  [0x98, 'READONLY_BUFFER', none, 'replace-1'],
  [0x4e, 'NONE', none, 'push-opaque'],
  [0x88, 'NEWTRUE', none, 'push-opaque'],
  [0x89, 'NEWFALSE', none, 'push-opaque'],
  [0x56, 'UNICODE', line, 'push-text'],
  [0x8c, 'SHORT_BINUNICODE', { sized: 1 }, 'push-text'],
  [0x58, 'BINUNICODE', { sized: 4 }, 'push-text'],
  [0x8d, 'BINUNICODE8', { sized: 8 }, 'push-text'],
  [0x46, 'FLOAT', line, 'push-opaque'],
  [0x47, 'BINFLOAT', { fixed: 8 }, 'push-opaque'],
  [0x5d, 'EMPTY_LIST', none, 'push-opaque'],
  [0x61, 'APPEND', none, 'append-1'],
  [0x65, 'APPENDS', none, 'append-to-mark'],
  [0x6c, 'LIST', none, 'collect-to-mark'],
  [0x29, 'EMPTY_TUPLE', none, 'push-opaque'],
  [0x74, 'TUPLE', none, 'tuple'],
  [0x85, 'TUPLE1', none, 'replace-1'],
  [0x86, 'TUPLE2', none, 'replace-2'],
  [0x87, 'TUPLE3', none, 'replace-3'],
  [0x7d, 'EMPTY_DICT', none, 'push-opaque'],
  [0x64, 'DICT', none, 'collect-to-mark'],
  [0x73, 'SETITEM', none, 'append-2'],
  [0x75, 'SETITEMS', none, 'append-to-mark'],
  [0x8f, 'EMPTY_SET', none, 'push-opaque'],
  [0x90, 'ADDITEMS', none, 'append-to-mark'],
  [0x91, 'FROZENSET', none, 'collect-to-mark'],
  [0x30, 'POP', none, 'pop'],
  [0x32, 'DUP', none, 'duplicate'],
  [0x28, 'MARK', none, 'push-mark'],
  [0x31, 'POP_MARK', none, 'pop-to-mark'],
  [0x67, 'GET', line, 'memo-get'],
  [0x68, 'BINGET', { fixed: 1 }, 'memo-get'],
  [0x6a, 'LONG_BINGET', { fixed: 4 }, 'memo-get'],
  [0x70, 'PUT', line, 'memo-put'],
  [0x71, 'BINPUT', { fixed: 1 }, 'memo-put'],
  [0x72, 'LONG_BINPUT', { fixed: 4 }, 'memo-put'],
  [0x94, 'MEMOIZE', none, 'memo-next'],
  [0x82, 'EXT1', { fixed: 1 }, 'extension'],
  [0x83, 'EXT2', { fixed: 2 }, 'extension'],
  [0x84, 'EXT4', { fixed: 4 }, 'extension'],
  [0x63, 'GLOBAL', { lines: 2 }, 'global'],
  [0x93, 'STACK_GLOBAL', none, 'stack-global'],
  [0x52, 'REDUCE', none, 'reduce'],
  [0x62, 'BUILD', none, 'build'],
  [0x69, 'INST', { lines: 2 }, 'instantiate'],
  [0x6f, 'OBJ', none, 'object'],
  [0x81, 'NEWOBJ', none, 'new-object'],
  [0x92, 'NEWOBJ_EX', none, 'new-object-keywords'],
  [0x80, 'PROTO', { fixed: 1 }, 'none'],
  [0x2e, 'STOP', none, 'stop'],
  [0x95, 'FRAME', { fixed: 8 }, 'none'],
  [0x50, 'PERSID', line, 'push-opaque'],
  [0x51, 'BINPERSID', none, 'persistent-id'],
]

export const pickleOpcodes: ReadonlyMap<number, Opcode> = new Map(
  table.map(([code, name, argument, effect]) => [code, { name, argument, effect }]),
)
