/** `s3://` on one machine: each bucket is a folder, so people and other programs can put models there as files. */
import { constants, lstat, open, readdir, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { BudError, failed, invalidInput, notFound } from '@bud/kernel'
import { oddPathReason, printable } from '../domain/file-path.ts'
import type { ModelSource, SourceFile, SourceListing } from '../ports.ts'

export interface FolderBucket {
  name: string
  /** Created by whoever composes the product. */
  folder: string
  /** How people are told where it is, e.g. "artifacts/s3/models in the data folder". */
  described: string
}

const MAX_FILES = 100_000

export function createFolderModelSource(buckets: readonly FolderBucket[]): ModelSource {
  return new FolderModelSource(buckets)
}

class FolderModelSource implements ModelSource {
  readonly scheme = 's3'
  readonly #buckets: readonly FolderBucket[]

  constructor(buckets: readonly FolderBucket[]) {
    this.#buckets = buckets
  }

  async list(location: string): Promise<SourceListing> {
    const { folder } = await this.#resolve(location)
    const listing: SourceListing = { files: [], refused: [] }
    await collect(folder, '', listing)
    listing.files.sort((a, b) => (a.path < b.path ? -1 : 1))
    return listing
  }

  async open(location: string, path: string): Promise<Readable> {
    const { folder } = await this.#resolve(location)
    const odd = oddPathReason(path)
    if (odd) throw invalidInput(`The file name "${printable(path)}" cannot be used: it ${odd}.`)
    const file = join(folder, ...path.split('/'))
    try {
      if ((await realpath(file)) !== file) throw failed(`${path} is reached through a symbolic link; it is not read.`)
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
      return handle.createReadStream({ highWaterMark: 1024 * 1024 })
    } catch (error) {
      if (error instanceof BudError) throw error
      throw notFound('file', `s3://${location}/${path}`, 'It was there a moment ago: was it moved?')
    }
  }

  async #resolve(location: string): Promise<{ folder: string }> {
    const [name = '', ...rest] = location.split('/')
    const bucket = this.#buckets.find((candidate) => candidate.name === name)
    if (!bucket) throw this.#unknownBucket(name)
    const prefix = rest.join('/').replace(/\/+$/, '')
    const odd = oddPathReason(prefix)
    if (odd) throw invalidInput(`"s3://${printable(location)}" cannot be used: what follows the bucket ${odd}.`)
    const folder = join(await realpath(resolve(bucket.folder)), ...prefix.split('/'))
    const real = await realpath(folder).catch(() => undefined)
    const place = `${prefix} under ${bucket.described}`
    if (real === undefined || !(await lstat(real)).isDirectory()) {
      throw invalidInput(`There is no folder at s3://${name}/${prefix}.`, [
        {
          code: 'source-not-found',
          message: `s3://${name}/${prefix} does not exist.`,
          path: 'source_path',
          next_step: `Put the model’s files into ${place}, or send them as an upload.`,
        },
      ])
    }
    if (real !== folder) {
      throw invalidInput(`s3://${name}/${prefix} is reached through a symbolic link, which is not followed.`, [
        {
          code: 'source-is-link',
          message: 'Links could lead anywhere on this machine.',
          path: 'source_path',
          next_step: `Put the files themselves into ${place}.`,
        },
      ])
    }
    return { folder }
  }

  #unknownBucket(name: string): BudError {
    const known = this.#buckets.map((bucket) => `s3://${bucket.name}/ (the folder ${bucket.described})`).join(', ')
    return invalidInput(`There is no bucket "${printable(name)}" here.`, [
      {
        code: 'bucket-unknown',
        message: `Buckets of this installation: ${known}. Connections to S3 servers are not available yet.`,
        path: 'source_path',
        next_step: 'Copy the files into one of these, or send them as an upload.',
      },
    ])
  }
}

async function collect(folder: string, prefix: string, listing: SourceListing): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`
    const shown = printable(path)
    const odd = oddPathReason(path)
    if (odd) {
      listing.refused.push({ path: shown, rule: 'odd-name', message: `The name "${shown}" ${odd}; it was not taken.` })
    } else if (entry.isSymbolicLink()) {
      listing.refused.push({
        path,
        rule: 'symlink',
        message: `${path} is a symbolic link; it was not followed. Put the file itself there.`,
      })
    } else if (entry.isDirectory()) {
      await collect(join(folder, entry.name), `${path}/`, listing)
    } else if (entry.isFile()) {
      listing.files.push(await fileAt(join(folder, entry.name), path))
    } else {
      listing.refused.push({
        path,
        rule: 'special-file',
        message: `${path} is neither a file nor a folder; it was not taken.`,
      })
    }
    if (listing.files.length > MAX_FILES)
      throw invalidInput(`There are more than ${MAX_FILES.toLocaleString('en')} files.`)
  }
}

async function fileAt(file: string, path: string): Promise<SourceFile> {
  return { path, bytes: (await lstat(file)).size }
}
