/** Writes pickles opcode by opcode, so that tests can build what no honest program would. */

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const op = (code: number, ...rest: Uint8Array[]): Buffer => Buffer.concat([Buffer.of(code), ...rest])
const ascii = (text: string): Buffer => Buffer.from(text, 'utf8')

/** Opcodes by the names of CPython's pickletools. */
export const pickleOp = {
  proto: (version: number) => op(0x80, Buffer.of(version)),
  global: (module: string, name: string) => op(0x63, ascii(`${module}\n${name}\n`)),
  inst: (module: string, name: string) => op(0x69, ascii(`${module}\n${name}\n`)),
  stackGlobal: () => op(0x93),
  shortText: (text: string) => op(0x8c, Buffer.of(Buffer.byteLength(text)), ascii(text)),
  text: (text: string) => op(0x58, u32(Buffer.byteLength(text)), ascii(text)),
  textLine: (text: string) => op(0x56, ascii(`${text}\n`)),
  stringLine: (quoted: string) => op(0x53, ascii(`${quoted}\n`)),
  bytes: (content: Uint8Array) => op(0x42, u32(content.length), content),
  shortBytes: (content: Uint8Array) => op(0x43, Buffer.of(content.length), content),
  bytes8: (content: Uint8Array) => op(0x8e, u32(content.length), u32(0), content),
  byteArray8: (content: Uint8Array) => op(0x96, u32(content.length), u32(0), content),
  persistentIdLine: (id: string) => op(0x50, ascii(`${id}\n`)),
  int: (value: number) => op(0x4a, u32(value)),
  long1: (bytes: Uint8Array) => op(0x8a, Buffer.of(bytes.length), bytes),
  none: () => op(0x4e),
  mark: () => op(0x28),
  tuple: () => op(0x74),
  tuple1: () => op(0x85),
  tuple2: () => op(0x86),
  tuple3: () => op(0x87),
  list: () => op(0x6c),
  dict: () => op(0x64),
  duplicate: () => op(0x32),
  append: () => op(0x61),
  setItem: () => op(0x73),
  emptyTuple: () => op(0x29),
  emptyDict: () => op(0x7d),
  emptyList: () => op(0x5d),
  setItems: () => op(0x75),
  reduce: () => op(0x52),
  build: () => op(0x62),
  object: () => op(0x6f),
  newObject: () => op(0x81),
  newObjectKeywords: () => op(0x92),
  persistentId: () => op(0x51),
  memoize: () => op(0x94),
  binPut: (index: number) => op(0x71, Buffer.of(index)),
  binGet: (index: number) => op(0x68, Buffer.of(index)),
  putLine: (index: string) => op(0x70, ascii(`${index}\n`)),
  getLine: (index: string) => op(0x67, ascii(`${index}\n`)),
  longBinGet: (index: number) => op(0x6a, u32(index)),
  longBinPut: (index: number) => op(0x72, u32(index)),
  extension: (code: number) => op(0x82, Buffer.of(code)),
  extension2: (code: number) => op(0x83, Buffer.of(code & 255, code >> 8)),
  extension4: (code: number) => op(0x84, u32(code)),
  pop: () => op(0x30),
  frame: (length: number) => op(0x95, u32(length), u32(0)),
  stop: () => op(0x2e),
}

export const pickleOf = (...opcodes: Uint8Array[]): Buffer => Buffer.concat(opcodes)

/** What torch.save writes for `{name: tensor}` in its zip format (protocol 2). */
export function stateDictPickle(tensors: { name: string; storage: string; elements: number }[]): Buffer {
  const p = pickleOp
  return pickleOf(
    p.proto(2),
    p.global('collections', 'OrderedDict'),
    p.emptyTuple(),
    p.reduce(),
    p.binPut(0),
    p.mark(),
    ...tensors.flatMap(({ name, storage, elements }, i) => [
      p.text(name),
      p.global('torch._utils', '_rebuild_tensor_v2'),
      p.mark(),
      p.mark(),
      p.text('storage'),
      p.global('torch', storage),
      p.text(String(i)),
      p.text('cpu'),
      p.int(elements),
      p.tuple(),
      p.persistentId(),
      p.int(0),
      p.int(elements),
      p.tuple1(),
      p.int(1),
      p.tuple1(),
      p.none(),
      p.global('collections', 'OrderedDict'),
      p.emptyTuple(),
      p.reduce(),
      p.tuple(),
      p.reduce(),
    ]),
    p.setItems(),
    p.stop(),
  )
}
