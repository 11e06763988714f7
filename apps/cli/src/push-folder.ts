/** Sends a folder's files to the Foundry as they are: streamed, one after the other, with progress. */
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { invalidInput } from '@bud/kernel'
import { bud } from './config.ts'
import { explainUploadFailure } from './upload-failure.ts'
import { createUploadView, type UploadView } from './upload-view.ts'
import type { Cli } from './verb.ts'

interface LocalFile {
  path: string
  absolute: string
  bytes: number
}

export async function pushFolder(cli: Cli, folder: string): Promise<{ sourcePath: string; folderName: string }> {
  const files = await listFolder(folder)
  const upload = await cli.client.uploads.create()
  const total = files.reduce((sum, file) => sum + file.bytes, 0)
  const view = await createUploadView(cli, total)
  try {
    for (const file of files) {
      await sendFile(cli, upload.id, file, view)
      view.sent(file.path)
    }
  } finally {
    view.end()
  }
  return { sourcePath: upload.source_path, folderName: basename(folder) }
}

async function listFolder(folder: string): Promise<LocalFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') throw invalidInput(`There is no folder ${folder}.`)
      throw invalidInput(`The folder ${folder} cannot be read: ${cause.message}`)
    },
  )
  const files: LocalFile[] = []
  for (const entry of entries) {
    const absolute = join(entry.parentPath, entry.name)
    const path = relative(folder, absolute)
    if (path.split('/').some((part) => part === '.git' || part === '.cache')) continue
    if (entry.isSymbolicLink())
      throw invalidInput(`${path} is a symbolic link; push the files themselves (cp -L makes a copy).`)
    if (entry.isFile()) files.push({ path, absolute, bytes: (await lstat(absolute)).size })
  }
  if (files.length === 0)
    throw invalidInput(`The folder ${folder} has no files. "${bud('model sample')}" writes one to try.`)
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function sendFile(cli: Cli, uploadId: string, file: LocalFile, view: UploadView): Promise<void> {
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  const response = await fetch(new URL(`/uploads/${uploadId}/files/${path}`, cli.connection.url), {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${cli.connection.token ?? ''}`,
      'content-type': 'application/octet-stream',
      'content-length': String(file.bytes),
    },
    body: file.bytes === 0 ? new Uint8Array() : contentOf(file, view),
    duplex: 'half',
  } as RequestInit)
  if (!response.ok) throw await explainUploadFailure(file.path, response)
  await response.arrayBuffer()
}

function contentOf(file: LocalFile, view: UploadView): BodyInit {
  const content = createReadStream(file.absolute)
  content.on('data', (chunk) => view.advance(file.path, chunk.length))
  return Readable.toWeb(content) as unknown as BodyInit
}
