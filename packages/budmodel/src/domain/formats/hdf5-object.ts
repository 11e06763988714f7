/** One HDF5 object header: its messages, in both versions of the format, across continuation blocks. */
import { BrokenHdf5, type Hdf5Pages } from './hdf5-pages.ts'

export interface Hdf5Message {
  type: number
  body: Buffer
}

const MAX_MESSAGES = 20_000
const MAX_BLOCKS = 1000
const MAX_BLOCK_BYTES = 16 * 1024 * 1024
const CONTINUATION = 0x10
const SHARED_FLAG = 0x02

interface Block {
  address: number
  bytes: number
}

interface Layout {
  version: 1 | 2
  /** Version 2 numbers its messages when asked to. */
  numbered: boolean
  first: Block
}

/** Throws BrokenHdf5. Messages stored elsewhere (shared) are left out. */
export async function readObjectHeader(pages: Hdf5Pages, address: number): Promise<Hdf5Message[]> {
  const layout = await readPrefix(pages, address)
  const messages: Hdf5Message[] = []
  const blocks = [layout.first]
  const seen = new Set<number>()
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    if (seen.has(block.address) || seen.size >= MAX_BLOCKS)
      throw new BrokenHdf5(pages.base + block.address, 'has an object header that continues in itself')
    seen.add(block.address)
    if (block.bytes > MAX_BLOCK_BYTES)
      throw new BrokenHdf5(pages.base + block.address, `has an object header of ${block.bytes} bytes`)
    const bytes = await pages.read(block.address, block.bytes)
    for (const message of messagesIn(bytes, layout, pages.base + block.address)) {
      if (messages.length >= MAX_MESSAGES)
        throw new BrokenHdf5(pages.base + address, `has an object header of more than ${MAX_MESSAGES} messages`)
      messages.push(message)
      if (message.type === CONTINUATION) blocks.push(continuationOf(pages, message.body, layout.version))
    }
  }
  return messages
}

async function readPrefix(pages: Hdf5Pages, address: number): Promise<Layout> {
  const head = await pages.read(address, 8)
  if (head.toString('latin1', 0, 4) !== 'OHDR') {
    if (head[0] !== 1) throw new BrokenHdf5(pages.base + address, 'has no object header where one should be')
    const bytes = (await pages.read(address + 8, 8)).readUInt32LE()
    return { version: 1, numbered: false, first: { address: address + 16, bytes } }
  }
  const flags = head[5] ?? 0
  if (head[4] !== 2) throw new BrokenHdf5(pages.base + address, `has an object header of version ${head[4]}`)
  const sizeAt = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0)
  const width = 1 << (flags & 3)
  const field = await pages.read(address + sizeAt, width)
  const bytes = width === 8 ? Number(field.readBigUInt64LE()) : field.readUIntLE(0, width)
  return { version: 2, numbered: (flags & 4) !== 0, first: { address: address + sizeAt + width, bytes } }
}

function continuationOf(pages: Hdf5Pages, body: Buffer, version: 1 | 2): Block {
  const address = pages.address(body, 0)
  const bytes = pages.length(body, pages.addressBytes)
  if (address === undefined) throw new BrokenHdf5(pages.base, 'has an object header that continues nowhere')
  // Version 2 wraps the messages in a signature and a checksum.
  return version === 1 ? { address, bytes } : { address: address + 4, bytes: Math.max(0, bytes - 8) }
}

function* messagesIn(block: Buffer, { version, numbered }: Layout, start: number): Generator<Hdf5Message> {
  const prefix = version === 1 ? 8 : numbered ? 6 : 4
  let at = 0
  while (at + prefix <= block.length) {
    const type = version === 1 ? block.readUInt16LE(at) : (block[at] ?? 0)
    const bytes = block.readUInt16LE(at + (version === 1 ? 2 : 1))
    const flags = block[at + (version === 1 ? 4 : 3)] ?? 0
    const end = at + prefix + bytes
    if (end > block.length) throw new BrokenHdf5(start + at, 'has a message that ends outside its header')
    if (!(flags & SHARED_FLAG)) yield { type, body: block.subarray(at + prefix, end) }
    at = end
  }
}
