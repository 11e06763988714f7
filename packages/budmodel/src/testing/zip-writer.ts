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
}

export function zipOf(
  members: readonly ZipMember[],
  options: { prefix?: Uint8Array; withoutDirectory?: boolean } = {},
): Buffer {
  const parts: Buffer[] = [Buffer.from(options.prefix ?? [])]
  const directory: Buffer[] = []
  let offset = parts[0]?.length ?? 0
  for (const member of members) {
    const packed = member.deflate ? deflateRawSync(member.content) : Buffer.from(member.content)
    const local = header(member, packed, false, 0)
    parts.push(local, packed)
    if (!member.unlisted) directory.push(header(member, packed, true, offset))
    offset += local.length + packed.length
  }
  if (options.withoutDirectory) return Buffer.concat(parts)
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

function header(member: ZipMember, packed: Buffer, central: boolean, offset: number): Buffer {
  const name = Buffer.from(central ? (member.directoryName ?? member.name) : member.name)
  const fixed = Buffer.alloc(central ? 46 : 30)
  fixed.writeUInt32LE(central ? 0x02014b50 : 0x04034b50, 0)
  const at = central ? 6 : 4
  if (central) fixed.writeUInt16LE((3 << 8) | 20, 4)
  fixed.writeUInt16LE(20, at)
  fixed.writeUInt16LE(member.flags ?? 0, at + 2)
  fixed.writeUInt16LE(member.deflate ? 8 : 0, at + 4)
  fixed.writeUInt32LE(crc32(member.content), at + 10)
  fixed.writeUInt32LE(packed.length, at + 14)
  fixed.writeUInt32LE(member.content.length, at + 18)
  fixed.writeUInt16LE(name.length, at + 22)
  if (central) {
    fixed.writeUInt32LE(((member.unixMode ?? 0o100644) << 16) >>> 0, 38)
    fixed.writeUInt32LE(offset, 42)
  }
  return Buffer.concat([fixed, name])
}
