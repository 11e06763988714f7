/** A version's stored files as facts are read from them: small ones whole, large ones by parts. */
import { failed, messageOf } from '@bud/kernel'
import type { RangedFile } from '../domain/formats/ranged-file.ts'
import type { ManifestFile } from '../domain/manifest.ts'
import { fileKey } from '../domain/store-keys.ts'
import type { Context, VersionRef } from './context.ts'
import { rangedFileOf } from './stored-file.ts'

const MAX_JSON_BYTES = 64 * 1024 * 1024
/** Of READMEs, licences and templates. */
const MAX_TEXT_BYTES = 1024 * 1024

export class VersionFiles {
  readonly all: readonly ManifestFile[]
  readonly #store: Context['store']
  readonly #ref: VersionRef

  constructor({ store }: Pick<Context, 'store'>, ref: VersionRef, files: readonly ManifestFile[]) {
    this.all = files
    this.#store = store
    this.#ref = ref
  }

  find(path: string): ManifestFile | undefined {
    return this.all.find((file) => file.path === path)
  }

  open(file: ManifestFile): RangedFile {
    return rangedFileOf(this.#store, fileKey(this.#ref.model_id, this.#ref.version_id, file.path), file)
  }

  /** Undefined when there is no such file. Throws `failed` with what to do when it is no JSON. */
  async json(path: string): Promise<unknown> {
    const file = this.find(path)
    return file && this.#parse(file)
  }

  /** For files the model also works without: what cannot be read is as if it were not there. */
  async lenientJson(path: string): Promise<unknown> {
    return this.json(path).catch(() => undefined)
  }

  /** The beginning, where it is longer than anybody reads. */
  async text(file: ManifestFile): Promise<string> {
    const bytes = await this.open(file).read(0, Math.min(file.bytes, MAX_TEXT_BYTES))
    return new TextDecoder().decode(bytes)
  }

  async #parse(file: ManifestFile): Promise<unknown> {
    try {
      if (file.bytes > MAX_JSON_BYTES) throw new Error(`it has ${file.bytes} bytes`)
      return JSON.parse(Buffer.from(await this.open(file).read(0, file.bytes)).toString('utf8'))
    } catch (error) {
      const message = `${file.path} cannot be read as JSON: ${messageOf(error)}`
      const next_step = `Send a valid ${file.path}: add the version again.`
      throw failed(message, [{ code: 'json-invalid', message, path: file.path, next_step }])
    }
  }
}
