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
