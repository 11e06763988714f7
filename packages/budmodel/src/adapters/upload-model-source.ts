/** `upload://upload-…`: files that were sent over HTTP and lie in the artifact store until they are imported. */
import type { Readable } from 'node:stream'
import { invalidInput, isId } from '@bud/kernel'
import { uploadPrefix } from '../domain/store-keys.ts'
import type { ArtifactStore, ModelSource, SourceListing } from '../ports.ts'

export function createUploadModelSource(store: ArtifactStore): ModelSource {
  return {
    scheme: 'upload',
    async list(location): Promise<SourceListing> {
      const prefix = uploadPrefix(uploadIdOf(location))
      const listing: SourceListing = { files: [], refused: [] }
      for await (const { key, bytes } of store.list(prefix)) {
        listing.files.push({ path: key.slice(prefix.length + 1), bytes })
      }
      if (listing.files.length === 0) throw emptyUpload(location)
      return listing
    },
    open: (location, path): Promise<Readable> => store.read(`${uploadPrefix(uploadIdOf(location))}/${path}`),
  }
}

function uploadIdOf(location: string): string {
  const id = location.replace(/\/+$/, '')
  if (isId('upload', id)) return id
  throw invalidInput(`"upload://${location}" is not an upload.`, [
    {
      code: 'upload-invalid',
      message: 'An upload’s source path is the one its creation answered with.',
      path: 'source_path',
      next_step: 'Open an upload with POST /uploads and use its source_path.',
    },
  ])
}

const emptyUpload = (location: string) =>
  invalidInput(`upload://${location} holds no files.`, [
    {
      code: 'upload-empty',
      message: 'No file of this upload has arrived completely.',
      path: 'source_path',
      next_step: 'Send each file with PUT /uploads/{id}/files/{path}, then register.',
    },
  ])
