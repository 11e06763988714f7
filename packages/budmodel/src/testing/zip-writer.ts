/** Writes zip archives entry by entry, also such as disagree with themselves. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipMember {
  name: string
  content: Uint8Array
  deflate?: boolean
  /** Where the directory should lie about the entry. */
  directoryName?: string
  flags?: number
  unixMode?: number
  /** Left out of the directory. */
  unlisted?: boolean
  crc?: number
  /** What the directory states, where it should lie. */
  directorySizes?: { packed?: number; content?: number }
  /** Instead of deflate or stored. */
  method?: number
  /** Extra fields, in the directory only. */
  directoryExtra?: Uint8Array
  /** Extra fields, in the entry's own header only. */
  localExtra?: Uint8Array
  /** The entry's own header has no sizes: they follow the entry. */
  descriptor?: boolean
}

export function zipOf(
  members: readonly ZipMember[],
  options: {
    prefix?: Uint8Array
    withoutDirectory?: boolean
    /** Offsets count from the archive's own start, as when something was put before it later. */
    relativeOffsets?: boolean
    comment?: Uint8Array
    /** Stands between the directory and its end record. */
    beforeEnd?: Uint8Array
  } = {},
): Buffer {
  const parts: Buffer[] = [Buffer.from(options.prefix ?? [])]
  const directory: Buffer[] = []
  const before = parts[0]?.length ?? 0
  let offset = options.relativeOffsets ? 0 : before
  for (const member of members) {
    const packed = member.deflate ? deflateRawSync(member.content) : Buffer.from(member.content)
    const local = header(member, packed, false, 0)
    const after = member.descriptor ? descriptor(member, packed) : Buffer.alloc(0)
    parts.push(local, packed, after)
    if (!member.unlisted) directory.push(header(member, packed, true, offset))
    offset += local.length + packed.length + after.length
  }
  if (options.withoutDirectory) return Buffer.concat(parts)
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  const comment = Buffer.from(options.comment ?? [])
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, central, Buffer.from(options.beforeEnd ?? []), end, comment])
}

function header(member: ZipMember, packed: Buffer, central: boolean, offset: number): Buffer {
  const name = Buffer.from(central ? (member.directoryName ?? member.name) : member.name)
  const fixed = Buffer.alloc(central ? 46 : 30)
  fixed.writeUInt32LE(central ? 0x02014b50 : 0x04034b50, 0)
  const at = central ? 6 : 4
  if (central) fixed.writeUInt16LE((3 << 8) | 20, 4)
  fixed.writeUInt16LE(20, at)
  fixed.writeUInt16LE(member.flags ?? 0, at + 2)
  const lies = central ? member.directorySizes : undefined
  fixed.writeUInt16LE(member.method ?? (member.deflate ? 8 : 0), at + 4)
  fixed.writeUInt32LE(member.crc ?? crc32(member.content), at + 10)
  fixed.writeUInt32LE(lies?.packed ?? packed.length, at + 14)
  fixed.writeUInt32LE(lies?.content ?? member.content.length, at + 18)
  fixed.writeUInt16LE(name.length, at + 22)
  if (member.descriptor && !central) fixed.fill(0, at + 10, at + 22)
  const extra = Buffer.from((central ? member.directoryExtra : member.localExtra) ?? [])
  fixed.writeUInt16LE(extra.length, at + 24)
  if (central) {
    fixed.writeUInt32LE(((member.unixMode ?? 0o100644) << 16) >>> 0, 38)
    fixed.writeUInt32LE(offset, 42)
  }
  return Buffer.concat([fixed, name, extra])
}

function descriptor(member: ZipMember, packed: Buffer): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(0x08074b50, 0)
  bytes.writeUInt32LE(crc32(member.content), 4)
  bytes.writeUInt32LE(packed.length, 8)
  bytes.writeUInt32LE(member.content.length, 12)
  return bytes
}
