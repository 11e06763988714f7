/** Writes tar archives entry by entry, also such as lead elsewhere or disagree with themselves. */

export interface TarMember {
  name: string
  content?: Uint8Array
  /** '0' file, '1' hard link, '2' symbolic link, '3' device, '5' folder, 'L' GNU long name, 'x' pax. */
  type?: string
  linkTarget?: string
  /** What the header says instead of the content's length. */
  statedBytes?: number
  /** Left wrong when given. */
  checksum?: number
  /** Without "ustar": the format of 1979. */
  old?: boolean
}

export function tarOf(members: readonly TarMember[], options: { withoutEnd?: boolean } = {}): Buffer {
  const parts = members.flatMap((member) => {
    const content = Buffer.from(member.content ?? [])
    const rest = content.length % 512
    return [headerOf(member, content.length), content, Buffer.alloc(rest === 0 ? 0 : 512 - rest)]
  })
  return Buffer.concat(options.withoutEnd ? parts : [...parts, Buffer.alloc(1024)])
}

/** A pax record, as the content of a member of type 'x'. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest) + 1
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest)
  return Buffer.from(`${length}${rest}`)
}

function headerOf(member: TarMember, bytes: number): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
  header.write(member.name, 0, 100, 'utf8')
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(member.statedBytes ?? bytes, 124, 12)
  octal(0, 136, 12)
  header.write('        ', 148, 'latin1')
  header.write(member.type ?? '0', 156, 'latin1')
  header.write(member.linkTarget ?? '', 157, 100, 'utf8')
  if (!member.old) header.write('ustar\u000000', 257, 'latin1')
  const sum = member.checksum ?? header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
