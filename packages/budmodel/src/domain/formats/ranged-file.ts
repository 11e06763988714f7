/** Reading a file by parts: how structure is checked without reading terabytes of weights twice. */

export interface RangedFile {
  readonly path: string
  readonly bytes: number
  /** The bytes of [offset, offset + length), fewer at the end of the file, none beyond it. */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** A part of a file as a file of its own: an entry of an archive, a payload inside a pickle. */
export function partOf(file: RangedFile, path: string, start: number, bytes: number): RangedFile {
  const available = Math.max(0, Math.min(bytes, file.bytes - start))
  return {
    path,
    bytes: available,
    read: (offset, length) => file.read(start + offset, Math.max(0, Math.min(length, available - offset))),
  }
}

export function fileInMemory(path: string, content: Uint8Array): RangedFile {
  return {
    path,
    bytes: content.length,
    read: async (offset, length) => content.subarray(offset, Math.max(offset, offset + length)),
  }
}

const PADDING_WINDOW = 1024 * 1024
/** More of it is no padding. */
const MAX_PADDING = 64 * PADDING_WINDOW

/** True where nothing but zeros follows up to the end, with which tapes and block devices are filled up. */
export async function isPadding(file: RangedFile, start: number): Promise<boolean> {
  if (file.bytes - start > MAX_PADDING) return false
  for (let at = start; at < file.bytes; at += PADDING_WINDOW)
    if ((await file.read(at, PADDING_WINDOW)).some((byte) => byte !== 0)) return false
  return true
}
