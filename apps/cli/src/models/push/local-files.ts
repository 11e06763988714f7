/** A model's folder on this machine: which files belong to it, and in which state they are. */
import { lstat, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { invalidInput } from '@bud/kernel'
import { bud } from '../../config.ts'

export interface LocalFile {
  /** Relative to the folder, with "/" between folders. */
  path: string
  absolute: string
  bytes: number
  /** A file with another one has been written to. */
  changed_ms: number
}

/** What git and download caches keep there is no part of the model. */
export const isLeftOut = (path: string): boolean => path.split('/').some((part) => part === '.git' || part === '.cache')

export interface LocalFolder {
  /** Absolute. */
  folder: string
  /** In path order. */
  files: LocalFile[]
}

/** Refuses links, and a folder without files. */
export async function readLocalFolder(folder: string): Promise<LocalFolder> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') throw invalidInput(`There is no folder ${folder}.`)
      throw invalidInput(`The folder ${folder} cannot be read: ${cause.message}`)
    },
  )
  const files: LocalFile[] = []
  for (const entry of entries) {
    const absolute = join(entry.parentPath, entry.name)
    const path = relative(folder, absolute).split(sep).join('/')
    if (isLeftOut(path)) continue
    if (entry.isSymbolicLink())
      throw invalidInput(`${path} is a symbolic link; push the files themselves (cp -L makes a copy).`)
    if (entry.isFile()) files.push({ path, absolute, ...(await stateOf(absolute)) })
  }
  if (files.length === 0)
    throw invalidInput(`The folder ${folder} has no files. "${bud('model sample')}" writes one to try.`)
  return { folder, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) }
}

/** Throws invalid-input when the file is no longer the one that was listed: what was sent is then a mixture. */
export async function requireUnchanged(file: LocalFile): Promise<void> {
  const now = await stateOf(file.absolute).catch(() => undefined)
  if (now?.bytes === file.bytes && now.changed_ms === file.changed_ms) return
  throw invalidInput(
    now === undefined
      ? `${file.path} has gone while it was sent. Push again once the folder is complete.`
      : `${file.path} changed while it was sent. Push again once nobody writes to it; the other files stay sent.`,
  )
}

async function stateOf(absolute: string): Promise<Pick<LocalFile, 'bytes' | 'changed_ms'>> {
  const { size, mtimeMs } = await lstat(absolute)
  return { bytes: size, changed_ms: mtimeMs }
}
