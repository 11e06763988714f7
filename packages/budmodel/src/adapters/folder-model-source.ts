/** `s3://` on one machine: each bucket is a folder, so people and other programs can put models there as files. */
import { lstat, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type BudError, invalidInput } from '@bud/kernel'
import { oddPathReason, printable } from '../domain/file-path.ts'
import type { ModelSource, PlaceRequest, SourcePlace } from '../ports.ts'
import { FolderPlace } from './folder-place.ts'
import { badSource } from './source-listing.ts'

export interface FolderBucket {
  name: string
  /** Created by whoever composes the product. */
  folder: string
  /** How people are told where it is, e.g. "artifacts/s3/models in the data folder". */
  described: string
}

export function createFolderModelSource(buckets: readonly FolderBucket[]): ModelSource {
  return {
    scheme: 's3',
    async find({ location }: PlaceRequest): Promise<SourcePlace> {
      const [name = '', ...rest] = location.split('/')
      const bucket = buckets.find((candidate) => candidate.name === name)
      if (!bucket) throw unknownBucket(name, buckets)
      const prefix = rest.join('/').replace(/\/+$/, '')
      const odd = oddPathReason(prefix)
      if (odd) throw invalidInput(`"s3://${printable(location)}" cannot be used: what follows the bucket ${odd}.`)
      return new FolderPlace(`s3://${name}/${prefix}`, await folderOf(bucket, prefix))
    },
  }
}

async function folderOf(bucket: FolderBucket, prefix: string): Promise<string> {
  const folder = join(await realpath(resolve(bucket.folder)), ...prefix.split('/'))
  const real = await realpath(folder).catch(() => undefined)
  const path = `s3://${bucket.name}/${prefix}`
  const place = `${prefix} under ${bucket.described}`
  if (real === undefined || !(await lstat(real)).isDirectory()) {
    throw badSource(`There is no folder at ${path}.`, {
      code: 'source-not-found',
      message: `${path} does not exist.`,
      next_step: `Put the model’s files into ${place}, or send them as an upload.`,
    })
  }
  if (real !== folder) {
    throw badSource(`${path} is reached through a symbolic link, which is not followed.`, {
      code: 'source-is-link',
      message: 'Links could lead anywhere on this machine.',
      next_step: `Put the files themselves into ${place}.`,
    })
  }
  return folder
}

function unknownBucket(name: string, buckets: readonly FolderBucket[]): BudError {
  const known = buckets.map((bucket) => `s3://${bucket.name}/ (the folder ${bucket.described})`).join(', ')
  const shown = printable(name)
  return badSource(`There is no bucket "${shown}" here.`, {
    code: 'bucket-unknown',
    message: `No connection of this project leads to it. Without one there is ${known}.`,
    next_step: `Add it: bud connection add <name> --s3 ${shown} --endpoint <url> --access-key-id <id>. Or copy the files into one of the folders.`,
  })
}
