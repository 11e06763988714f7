/** What an HDF5 group leads to: the links of its symbol table (old groups) and of its link messages (new ones). */
import { BrokenHdf5, type Hdf5Pages } from './hdf5-pages.ts'

export type Hdf5Link = { kind: 'object'; address: number } | { kind: 'external'; target: string }

const LINK_INFO = 0x02
const LINK = 0x06
const SYMBOL_TABLE = 0x11
const HARD_LINK = 0
const EXTERNAL_LINK = 64
const MAX_TREE_NODES = 100_000

/** Soft links stay inside the file and are left out. Throws BrokenHdf5. */
export async function* linksOf(pages: Hdf5Pages, type: number, body: Buffer): AsyncGenerator<Hdf5Link> {
  if (type === LINK) {
    const link = parseLink(pages, body)
    if (link) yield link
  } else if (type === LINK_INFO) {
    const heap = pages.address(body, 2 + ((body[1] ?? 0) & 1 ? 8 : 0))
    if (heap !== undefined)
      throw new BrokenHdf5(pages.base + heap, 'keeps the links of a large group in a way that is not followed here')
  } else if (type === SYMBOL_TABLE) {
    const tree = pages.address(body, 0)
    if (tree !== undefined) yield* symbolTable(pages, tree)
  }
}

function parseLink(pages: Hdf5Pages, body: Buffer): Hdf5Link | undefined {
  if (body.length < 4) throw new BrokenHdf5(pages.base, 'has a link that is cut short')
  const flags = body[1] ?? 0
  let at = 2
  const kind = flags & 8 ? (body[at++] ?? 0) : HARD_LINK
  if (flags & 4) at += 8
  if (flags & 0x10) at += 1
  const width = 1 << (flags & 3)
  if (at + width > body.length) throw new BrokenHdf5(pages.base, 'has a link that is cut short')
  const nameBytes = width === 8 ? Number(body.readBigUInt64LE(at)) : body.readUIntLE(at, width)
  at += width + nameBytes
  if (kind === HARD_LINK) {
    const address = pages.address(body, at)
    return address === undefined ? undefined : { kind: 'object', address }
  }
  if (kind !== EXTERNAL_LINK) {
    if (kind === 1) return undefined
    throw new BrokenHdf5(pages.base, `has a link of the unknown kind ${kind}`)
  }
  // u16 length, one byte of version and flags, file name, object name
  const target = body.subarray(Math.min(at + 3, body.length))
  const end = target.indexOf(0)
  return { kind: 'external', target: target.toString('utf8', 0, end < 0 ? target.length : end) }
}

/** A version 1 B-tree of symbol nodes. */
async function* symbolTable(pages: Hdf5Pages, root: number): AsyncGenerator<Hdf5Link> {
  const waiting = [root]
  const seen = new Set(waiting)
  for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
    const head = await pages.read(address, 8)
    const signature = head.toString('latin1', 0, 4)
    if (signature === 'SNOD') {
      yield* symbols(pages, address + 8, head.readUInt16LE(6))
      continue
    }
    if (signature !== 'TREE' || head[4] !== 0)
      throw new BrokenHdf5(pages.base + address, 'has a group whose index cannot be read')
    const used = head.readUInt16LE(6)
    const step = pages.lengthBytes + pages.addressBytes
    const entries = await pages.read(address + 8 + 2 * pages.addressBytes, used * step)
    for (let i = 0; i < used; i++) {
      const child = pages.address(entries, i * step + pages.lengthBytes)
      if (child === undefined || seen.has(child)) continue
      if (seen.size >= MAX_TREE_NODES) throw new BrokenHdf5(pages.base + address, 'has a group of too many parts')
      seen.add(child)
      waiting.push(child)
    }
  }
}

async function* symbols(pages: Hdf5Pages, start: number, count: number): AsyncGenerator<Hdf5Link> {
  const step = 2 * pages.addressBytes + 24
  const entries = await pages.read(start, count * step)
  for (let i = 0; i < count; i++) {
    const cacheType = entries.readUInt32LE(i * step + 2 * pages.addressBytes)
    const address = pages.address(entries, i * step + pages.addressBytes)
    // 2: a soft link, which has no object header.
    if (cacheType !== 2 && address !== undefined) yield { kind: 'object', address }
  }
}
