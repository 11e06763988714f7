/** `upload://upload-…`: files that were sent over HTTP and lie in the artifact store until they are imported. */
import type { Readable } from 'node:stream'
import { type BudError, isId, notFound } from '@bud/kernel'
import { printable } from '../domain/file-path.ts'
import { uploadPrefix } from '../domain/store-keys.ts'
import type { ArtifactStore, ModelSource, PlaceRequest, SourceListing, SourcePlace } from '../ports.ts'
import { KnownStates } from './known-states.ts'
import { badSource } from './source-listing.ts'

/** What senders said the files' sha256 are, by path. */
export type AnnouncedDigests = (upload: string) => Promise<ReadonlyMap<string, string>>

export function createUploadModelSource(
  store: ArtifactStore,
  announced: AnnouncedDigests = async () => new Map(),
): ModelSource {
  return {
    scheme: 'upload',
    async find({ location }: PlaceRequest): Promise<SourcePlace> {
      const upload = location.replace(/\/+$/, '')
      if (!isId('upload', upload)) throw notAnUpload(location)
      const place = new UploadPlace(store, upload, announced)
      if (!(await place.holdsFiles())) throw emptyUpload(upload)
      return place
    },
  }
}

class UploadPlace implements SourcePlace {
  readonly pinned: string
  readonly #store: ArtifactStore
  readonly #prefix: string
  readonly #digests: () => Promise<ReadonlyMap<string, string>>
  readonly #states = new KnownStates()

  constructor(store: ArtifactStore, upload: string, announced: AnnouncedDigests) {
    this.#store = store
    this.#digests = () => announced(upload)
    this.#prefix = uploadPrefix(upload)
    this.pinned = `upload://${upload}`
  }

  async holdsFiles(): Promise<boolean> {
    for await (const _ of this.#store.list(this.#prefix)) return true
    return false
  }

  async list(): Promise<SourceListing> {
    const listing: SourceListing = { files: [], refused: [] }
    const digests = await this.#digests()
    for await (const { key, bytes } of this.#store.list(this.#prefix)) {
      const path = key.slice(this.#prefix.length + 1)
      this.#states.listed(path, String(bytes))
      const sha256 = digests.get(path)
      listing.files.push({ path, bytes, ...(sha256 === undefined ? {} : { sha256 }) })
    }
    return listing
  }

  /** An upload that is being imported takes no more files; its size is a second look. */
  async open(path: string, start = 0): Promise<Readable> {
    const key = `${this.#prefix}/${path}`
    const found = await this.#store.stat(key)
    if (!found) throw notFound('file', `${this.pinned}/${printable(path)}`, 'It was there a moment ago.')
    this.#states.hold(path, String(found.bytes))
    return this.#store.read(key, { start, end: found.bytes })
  }
}

const notAnUpload = (location: string): BudError =>
  badSource(`"upload://${printable(location)}" is not an upload.`, {
    code: 'upload-invalid',
    message: 'An upload’s source path is the one its creation answered with.',
    next_step: 'Open an upload with POST /uploads and use its source_path.',
  })

const emptyUpload = (upload: string): BudError =>
  badSource(`upload://${upload} holds no files.`, {
    code: 'upload-empty',
    message: 'No file of this upload has arrived completely.',
    next_step: 'Send its files and complete each of them, then register.',
  })
