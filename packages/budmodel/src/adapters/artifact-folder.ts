/** A folder as a place for bytes under keys: paths that cannot lead out of it, files that appear whole, errors in words. */
import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, realpath, rm } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { BudError, failed, invalidInput, notFound } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import { INCOMING, requireKey, storedAlready } from './artifact-keys.ts'

export class ArtifactFolder {
  readonly root: string

  /** `root`: a real path. */
  constructor(root: string) {
    this.root = root
  }

  pathOf(key: string): string {
    requireKey(key)
    return join(this.root, ...key.split('/'))
  }

  /** A link planted in the folder must not lead reads or writes elsewhere. */
  async refuseOutside(path: string, key: string): Promise<void> {
    const real = await realpath(path)
    if (real !== path || !(real === this.root || real.startsWith(this.root + sep))) {
      throw failed(`"${printable(key)}" leads out of the artifact folder through a symbolic link. Remove the link.`)
    }
  }

  /** Hands over the path of something that `fill` has to make, and removes it in the end if it is still there. */
  async withTemporary<T>(fill: (temporary: string) => Promise<T>): Promise<T> {
    const temporary = join(this.root, INCOMING, randomUUID())
    try {
      return await fill(temporary)
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
  }

  /** Makes the folders above the key’s path, which is handed over. */
  async prepare(key: string): Promise<string> {
    const target = this.pathOf(key)
    await mkdir(dirname(target), { recursive: true })
    await this.refuseOutside(dirname(target), key)
    return target
  }
}

/** On the disk, not only in its cache, when it resolves. */
export async function writeSynced(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(path, 'wx', 0o640)
  try {
    const bytes = await writeAt(handle, 0, content)
    await handle.sync()
    return bytes
  } finally {
    await handle.close()
  }
}

/** How many bytes there were. */
export async function writeAt(handle: FileHandle, start: number, content: AsyncIterable<Uint8Array>): Promise<number> {
  let at = start
  for await (const chunk of content) {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, at)
      done += bytesWritten
      at += bytesWritten
    }
  }
  return at - start
}

export function translateFileError(error: unknown, key: string): unknown {
  if (error instanceof BudError) return error
  switch (codeOf(error)) {
    case 'ENOENT':
      return notFound('stored file', printable(key))
    case 'ELOOP':
      return failed(`"${printable(key)}" is a symbolic link. Remove it.`, [], error)
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ENOTEMPTY':
      return storedAlready(key)
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(
        `The disk of the data folder is full; "${printable(key)}" was not stored. Free some space and try again.`,
        [],
        error,
      )
    case 'ENAMETOOLONG':
      return invalidInput(`The file name "${printable(key)}" is too long for the file system.`)
    default:
      return error
  }
}

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

export function undefinedWhenGone(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined
  throw error
}
