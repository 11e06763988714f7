/** A stored file as one that is read by parts. */
import type { RangedFile } from '../domain/formats/ranged-file.ts'
import type { ArtifactStore } from '../ports.ts'

export function rangedFileOf(
  store: ArtifactStore,
  key: string,
  { path, bytes }: { path: string; bytes: number },
): RangedFile {
  return {
    path,
    bytes,
    async read(offset, length) {
      const end = Math.min(offset + length, bytes)
      if (offset < 0 || end <= offset) return Buffer.alloc(0)
      const chunks: Uint8Array[] = []
      for await (const chunk of (await store.read(key, { start: offset, end })) as AsyncIterable<Uint8Array>)
        chunks.push(chunk)
      const [only] = chunks
      return chunks.length === 1 && only ? only : Buffer.concat(chunks)
    },
  }
}
