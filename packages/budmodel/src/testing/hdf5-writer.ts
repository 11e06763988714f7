/**
 * Writes small HDF5 files as h5py does by default (superblock 0, old groups, version 1 headers), also such as lead to
 * other files. Source: HDF5 File Format Specification.
 */

export interface Hdf5Dataset {
  name: string
  shape: readonly number[]
  /** Float32 values; the file's own bytes, or none with `externalFile`. */
  content?: Uint8Array
  externalFile?: string
  /** Sources that lie in other files. */
  isVirtual?: boolean
}

export interface Hdf5Input {
  attributes?: Readonly<Record<string, string>>
  datasets?: readonly Hdf5Dataset[]
  /** Name → file and object. Makes the root a group of the new kind. */
  externalLinks?: Readonly<Record<string, { file: string; object: string }>>
  /** Bytes before the superblock: 0, 512, 1024, … */
  userBlock?: Uint8Array
}

const UNDEFINED = 0xffffffffffffffffn
const SUPERBLOCK_BYTES = 96

export function hdf5Of(input: Hdf5Input): Buffer {
  const file = new Allocator(SUPERBLOCK_BYTES)
  const attributes = Object.entries(input.attributes ?? {}).map(([name, text]) => message(0x0c, attribute(name, text)))
  const datasets = (input.datasets ?? []).map((dataset) => ({
    name: dataset.name,
    address: file.add(objectHeader(datasetMessages(file, dataset))),
  }))
  const links = Object.entries(input.externalLinks ?? {})
  const group = links.length > 0 ? newGroup(links, datasets) : [message(0x11, symbolTable(file, datasets))]
  const root = file.add(objectHeader([...group, ...attributes]))
  const userBlock = Buffer.from(input.userBlock ?? [])
  return Buffer.concat([userBlock, superblock(root, userBlock.length, userBlock.length + file.end), file.content()])
}

class Allocator {
  readonly #parts: Buffer[] = []
  end: number

  constructor(start: number) {
    this.end = start
  }

  /** Answers the address. */
  add(bytes: Uint8Array): number {
    const address = this.end
    const part = padded(bytes)
    this.#parts.push(part)
    this.end += part.length
    return address
  }

  content(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

function superblock(root: number, base: number, end: number): Buffer {
  return Buffer.concat([
    Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]),
    Buffer.from([0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0]),
    u64(base),
    u64(UNDEFINED),
    u64(end),
    u64(UNDEFINED),
    symbol(0, root),
  ])
}

/** A symbol table entry without cached data. */
const symbol = (nameOffset: number, address: number): Buffer =>
  Buffer.concat([u64(nameOffset), u64(address), Buffer.alloc(24)])

function objectHeader(messages: readonly Buffer[]): Buffer {
  const body = Buffer.concat(messages)
  const head = Buffer.alloc(16)
  head[0] = 1
  head.writeUInt16LE(messages.length, 2)
  head.writeUInt32LE(1, 4)
  head.writeUInt32LE(body.length, 8)
  return Buffer.concat([head, body])
}

function message(type: number, body: Uint8Array): Buffer {
  const content = padded(body)
  const head = Buffer.alloc(8)
  head.writeUInt16LE(type, 0)
  head.writeUInt16LE(content.length, 2)
  return Buffer.concat([head, content])
}

/** B-tree of one leaf, names in a local heap. */
function symbolTable(file: Allocator, datasets: readonly { name: string; address: number }[]): Buffer {
  const sorted = datasets.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  if (sorted.length > 8) throw new Error('one symbol node holds at most 8 names')
  let names = Buffer.alloc(8)
  const entries = sorted.map(({ name, address }) => {
    const offset = names.length
    names = Buffer.concat([names, padded(Buffer.from(`${name}\0`))])
    return { entry: symbol(offset, address), offset }
  })
  const data = file.add(names)
  const heap = file.add(Buffer.concat([Buffer.from('HEAP'), Buffer.alloc(4), u64(names.length), u64(1), u64(data)]))
  const leaf = Buffer.alloc(8 + 8 * 40)
  leaf.write('SNOD', 'latin1')
  leaf[4] = 1
  leaf.writeUInt16LE(entries.length, 6)
  Buffer.concat(entries.map(({ entry }) => entry)).copy(leaf, 8)
  const node = Buffer.alloc(24 + 33 * 8 + 32 * 8)
  node.write('TREE', 'latin1')
  node.writeUInt16LE(entries.length > 0 ? 1 : 0, 6)
  node.writeBigUInt64LE(UNDEFINED, 8)
  node.writeBigUInt64LE(UNDEFINED, 16)
  node.writeBigUInt64LE(BigInt(file.add(leaf)), 32)
  node.writeBigUInt64LE(BigInt(entries.at(-1)?.offset ?? 0), 40)
  return Buffer.concat([u64(file.add(node)), u64(heap)])
}

function newGroup(
  links: readonly (readonly [string, { file: string; object: string }])[],
  datasets: readonly { name: string; address: number }[],
): Buffer[] {
  const info = message(0x02, Buffer.concat([Buffer.from([0, 0]), u64(UNDEFINED), u64(UNDEFINED)]))
  const external = links.map(([name, { file, object }]) => {
    const target = Buffer.from(`\0${file}\0${object}\0`)
    return message(
      0x06,
      Buffer.concat([Buffer.from([1, 8, 64, name.length]), Buffer.from(name), u16(target.length), target]),
    )
  })
  const hard = datasets.map(({ name, address }) =>
    message(0x06, Buffer.concat([Buffer.from([1, 0, name.length]), Buffer.from(name), u64(address)])),
  )
  return [info, message(0x0a, Buffer.from([0, 0])), ...hard, ...external]
}

function datasetMessages(file: Allocator, { shape, content, externalFile, isVirtual }: Hdf5Dataset): Buffer[] {
  const bytes = shape.reduce((product, size) => product * size, 4)
  const space = Buffer.concat([Buffer.from([1, shape.length, 0, 0, 0, 0, 0, 0]), ...shape.map((size) => u64(size))])
  const float32 = Buffer.from([0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0])
  const messages = [message(0x01, space), message(0x03, float32), message(0x05, Buffer.from([2, 2, 2, 0]))]
  if (isVirtual)
    return [...messages, message(0x08, Buffer.concat([Buffer.from([4, 3]), u64(UNDEFINED), Buffer.alloc(4)]))]
  if (externalFile !== undefined) {
    const names = padded(Buffer.concat([Buffer.alloc(8), Buffer.from(`${externalFile}\0`)]))
    const data = file.add(names)
    const heap = file.add(Buffer.concat([Buffer.from('HEAP'), Buffer.alloc(4), u64(names.length), u64(1), u64(data)]))
    const slot = Buffer.concat([u64(8), u64(0), u64(bytes)])
    messages.push(message(0x07, Buffer.concat([Buffer.from([1, 0, 0, 0, 1, 0, 1, 0]), u64(heap), slot])))
  }
  const address = content === undefined ? UNDEFINED : BigInt(file.add(content))
  return [...messages, message(0x08, Buffer.concat([Buffer.from([3, 1]), u64(address), u64(bytes)]))]
}

/** A text of fixed length, as h5py stores bytes. */
function attribute(name: string, text: string): Buffer {
  const content = Buffer.from(text)
  const label = Buffer.from(`${name}\0`)
  const type = Buffer.concat([Buffer.from([0x13, 1, 0, 0]), u32(content.length)])
  const space = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
  const head = Buffer.concat([Buffer.from([1, 0]), u16(label.length), u16(type.length), u16(space.length)])
  return Buffer.concat([head, padded(label), type, space, content])
}

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)])
const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8])
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
