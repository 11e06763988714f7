/** `file:///folder`: folders of this machine, only below the roots that whoever runs the installation has opened. */
import { lstat, realpath } from 'node:fs/promises'
import { isAbsolute, resolve, sep } from 'node:path'
import { printable } from '../domain/file-path.ts'
import type { ModelSource, PlaceRequest, SourcePlace } from '../ports.ts'
import { FolderPlace } from './folder-place.ts'
import { badSource } from './source-listing.ts'

/** `roots`: none means that no folder may be read. Links are resolved before they are held against the roots. */
export function createFileModelSource({ roots }: { roots: readonly string[] }): ModelSource {
  return {
    scheme: 'file',
    async find({ location }: PlaceRequest): Promise<SourcePlace> {
      const path = `file://${printable(location)}`
      if (!isAbsolute(location) || location.includes('\0')) throw notAbsolute(path)
      const folder = await realpath(resolve(location)).catch(() => undefined)
      const open = await Promise.all(roots.map((root) => realpath(resolve(root)).catch(() => undefined)))
      const allowed = (real: string) => open.some((root) => root !== undefined && isWithin(root, real))
      // What lies outside is refused in the same words whether it exists or not.
      if (!allowed(folder ?? resolve(location))) throw closed(path, roots)
      if (folder === undefined || !(await lstat(folder)).isDirectory()) throw noFolder(path)
      return new FolderPlace(`file://${folder}`, folder)
    },
  }
}

const isWithin = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)

const notAbsolute = (path: string) =>
  badSource(`"${path}" does not name a folder of the server’s machine.`, {
    code: 'source-path-invalid',
    message: 'The path has to begin at the root: file:///folder.',
    next_step: 'Write three slashes and the whole path, or send the files: bud model push <folder>.',
  })

const closed = (path: string, roots: readonly string[]) =>
  badSource(`${path} is not open for models.`, {
    code: 'source-folder-closed',
    message:
      roots.length === 0
        ? 'No folder of the server’s machine is open for models (BUD_MODEL_FOLDERS is not set).'
        : `Open are, by BUD_MODEL_FOLDERS: ${roots.join(', ')}.`,
    next_step:
      'Set BUD_MODEL_FOLDERS to the folder above it and start again, or send the files: bud model push <folder>.',
  })

const noFolder = (path: string) =>
  badSource(`There is no folder at ${path}.`, {
    code: 'source-not-found',
    message: `${path} does not exist on the server’s machine, or is no folder.`,
    next_step: 'Put the model’s files there, or correct the path.',
  })
