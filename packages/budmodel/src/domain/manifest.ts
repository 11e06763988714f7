/** What exactly a version consists of: every file with its digest, and one digest over all of them. */
import { createHash } from 'node:crypto'

export interface ManifestFile {
  path: string
  bytes: number
  /** Lower-case hexadecimal. */
  sha256: string
}

export interface Manifest {
  digest: string
  files: ManifestFile[]
}

const byPath = (a: ManifestFile, b: ManifestFile): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)

/**
 * sha256 over the lines `<sha256> <bytes> <path>\n` in path order (UTF-16 code units): the same files in any order give
 * the same digest, as `sha256sum` of such a list does.
 */
export function createManifest(files: readonly ManifestFile[]): Manifest {
  const sorted = files.toSorted(byPath)
  const hash = createHash('sha256')
  for (const { path, bytes, sha256 } of sorted) hash.update(`${sha256} ${bytes} ${path}\n`)
  return { digest: hash.digest('hex'), files: sorted }
}
