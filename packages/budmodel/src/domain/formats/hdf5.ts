/**
 * HDF5, the container of Keras weights: walks every object that can be reached from the root group and says where the
 * file makes a reader open other files, or promises more data than it could hold. Data is not read.
 * Source: HDF5 File Format Specification 3.0, https://docs.hdfgroup.org/hdf5/develop/_f_m_t3.html.
 */
import { linksOf } from './hdf5-links.ts'
import { readObjectHeader } from './hdf5-object.ts'
import { BrokenHdf5, Hdf5Pages } from './hdf5-pages.ts'
import type { RangedFile } from './ranged-file.ts'

const SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
const FIRST_USER_BLOCK = 512
const MAX_OBJECTS = 200_000
const NEWEST_SUPERBLOCK = 3
/** A dataset that is this much larger than the file that holds it, and large at all, is a bomb. */
const BOMB_RATIO = 1000
const BOMB_MIN_BYTES = 1024 ** 3

const DATASPACE = 0x01
const DATATYPE = 0x03
const EXTERNAL_FILES = 0x07
const LAYOUT = 0x08

export interface Hdf5Reference {
  kind: 'external-link' | 'external-storage' | 'virtual-dataset'
  /** The other file's name, where the file states it at that place. */
  target: string | undefined
  offset: number
}

export interface Hdf5Walk {
  references: Hdf5Reference[]
  /** Datasets whose size in memory is out of proportion. */
  bombs: { offset: number; bytes: number }[]
  objects: number
  /** Why it could not be followed everywhere, as the end of "the file …". */
  broken: { message: string; offset: number } | undefined
  /** Where the file says it ends; undefined when it could not be read. */
  statedEnd: number | undefined
}

/** Where the superblock lies: at the start, or after a user block of 512, 1024, … bytes. */
export async function findSuperblock(file: RangedFile): Promise<number | undefined> {
  for (let at = 0; at + SIGNATURE.length <= file.bytes; at = at === 0 ? FIRST_USER_BLOCK : at * 2) {
    if (SIGNATURE.equals(await file.read(at, SIGNATURE.length))) return at
  }
  return undefined
}

/** Never throws for what the file contains. */
export async function walkHdf5(file: RangedFile, superblock: number): Promise<Hdf5Walk> {
  const walk: Hdf5Walk = { references: [], bombs: [], objects: 0, broken: undefined, statedEnd: undefined }
  const pages = new Hdf5Pages(file, superblock)
  try {
    const root = await readSuperblock(pages, walk)
    await walkObjects(file, pages, root, walk)
  } catch (error) {
    if (!(error instanceof BrokenHdf5)) throw error
    walk.broken = { message: error.message, offset: error.offset }
  }
  return walk
}

/** The root group's address. */
async function readSuperblock(pages: Hdf5Pages, walk: Hdf5Walk): Promise<number> {
  const head = await pages.read(0, 16)
  const version = head[8] ?? 0
  if (version > NEWEST_SUPERBLOCK) throw new BrokenHdf5(pages.base, `has a superblock of version ${version}`)
  const old = version < 2
  pages.addressBytes = widthOf(pages, head[old ? 13 : 9])
  pages.lengthBytes = widthOf(pages, head[old ? 14 : 10])
  const width = pages.addressBytes
  const addressesAt = old ? (version === 1 ? 28 : 24) : 12
  // Old: base, free space, end, driver, then the root's entry (name, header). New: base, extension, end, root.
  const fields = await pages.read(addressesAt, width * (old ? 6 : 4))
  const end = pages.address(fields, 2 * width)
  // Bytes put in front of a finished file shift its end with it.
  walk.statedEnd = end === undefined ? undefined : end + pages.base - (pages.address(fields, 0) ?? 0)
  if (old && pages.address(fields, 3 * width) !== undefined)
    throw new BrokenHdf5(pages.base, 'names a file driver that spreads it over several files')
  const root = pages.address(fields, (old ? 5 : 3) * width)
  if (root === undefined) throw new BrokenHdf5(pages.base, 'has no root group')
  return root
}

function widthOf(pages: Hdf5Pages, value: number | undefined): 2 | 4 | 8 {
  if (value === 2 || value === 4 || value === 8) return value
  throw new BrokenHdf5(pages.base, `has addresses of ${value} bytes`)
}

async function walkObjects(file: RangedFile, pages: Hdf5Pages, root: number, walk: Hdf5Walk): Promise<void> {
  const waiting = [root]
  const seen = new Set(waiting)
  for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
    walk.objects++
    if (walk.objects > MAX_OBJECTS) throw new BrokenHdf5(pages.base, `has more than ${MAX_OBJECTS} objects`)
    const offset = pages.base + address
    const sizes: { elements?: number; elementBytes?: number } = {}
    for (const { type, body } of await readObjectHeader(pages, address)) {
      if (type === DATASPACE) sizes.elements = elementsOf(pages, body)
      else if (type === DATATYPE && body.length >= 8) sizes.elementBytes = body.readUInt32LE(4)
      else if (type === EXTERNAL_FILES)
        walk.references.push({ kind: 'external-storage', target: await externalFile(pages, body), offset })
      else if (type === LAYOUT && (body[0] ?? 0) >= 3 && body[1] === 3)
        walk.references.push({ kind: 'virtual-dataset', target: undefined, offset })
      else
        for await (const link of linksOf(pages, type, body)) {
          if (link.kind === 'external') walk.references.push({ kind: 'external-link', target: link.target, offset })
          else if (!seen.has(link.address)) {
            seen.add(link.address)
            waiting.push(link.address)
          }
        }
    }
    const bytes = (sizes.elements ?? 0) * (sizes.elementBytes ?? 0)
    if (bytes > BOMB_MIN_BYTES && bytes > file.bytes * BOMB_RATIO) walk.bombs.push({ offset, bytes })
  }
}

function elementsOf(pages: Hdf5Pages, body: Buffer): number {
  const version = body[0]
  const rank = body[1] ?? 0
  // Version 2 marks "no data at all" by type 2.
  if (version === 2 && body[3] === 2) return 0
  let elements = 1
  for (let i = 0; i < rank; i++) elements *= pages.length(body, (version === 1 ? 8 : 4) + i * pages.lengthBytes)
  return elements
}

/** The first file's name, from the local heap that the message points to. */
async function externalFile(pages: Hdf5Pages, body: Buffer): Promise<string | undefined> {
  const heap = pages.address(body, 8)
  if (heap === undefined) return undefined
  const nameAt = pages.length(body, 8 + pages.addressBytes)
  const header = await pages.read(heap, 8 + 2 * pages.lengthBytes + pages.addressBytes)
  const data = pages.address(header, 8 + 2 * pages.lengthBytes)
  if (data === undefined) return undefined
  const segment = pages.length(header, 8)
  const name = await pages.read(data + nameAt, Math.min(512, Math.max(0, segment - nameAt)))
  const end = name.indexOf(0)
  return name.toString('utf8', 0, end < 0 ? name.length : end)
}
