/**
 * The cluster's memory, as etcd is a real one's: one JSON file per release, replaced whole. A write lands under
 * another name, is synced and then renamed, so a crash leaves the old file or the new one. A file that cannot be read
 * is set aside, never fatal.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { SimulatedRelease } from '@bud/kernel'
import { z } from 'zod'

/** What must be remembered of a replica beside the release: where it runs and since when. */
export const StoredReplica = z.object({
  id: z.string(),
  revision: z.number().int(),
  ordinal: z.number().int(),
  parts: z.array(z.object({ node: z.string(), gpus: z.array(z.number().int()) })),
  started_at_ms: z.number(),
  image_present: z.boolean(),
  restarts: z.number().int(),
})
export type StoredReplica = z.infer<typeof StoredReplica>

const StoredRelease = z.object({ release: SimulatedRelease, replicas: z.array(StoredReplica) })
export type StoredRelease = z.infer<typeof StoredRelease>

const SUFFIX = '.json'

export class ReleaseStore {
  readonly #folder: string

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'releases')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
  }

  /** Everything that can be read; `setAside` names the files that could not. */
  load(): { releases: StoredRelease[]; setAside: string[] } {
    const releases: StoredRelease[] = []
    const setAside: string[] = []
    for (const file of readdirSync(this.#folder).sort()) {
      if (!file.endsWith(SUFFIX)) continue
      const path = join(this.#folder, file)
      const parsed = StoredRelease.safeParse(readJson(path))
      if (parsed.success) releases.push(parsed.data)
      else {
        renameSync(path, `${path}.unreadable`)
        setAside.push(file)
      }
    }
    return { releases, setAside }
  }

  save(stored: StoredRelease): void {
    replaceFile(join(this.#folder, `${stored.release.name}${SUFFIX}`), JSON.stringify(stored))
  }

  delete(name: string): void {
    rmSync(join(this.#folder, `${name}${SUFFIX}`), { force: true })
  }
}

/** Replaces a file whole, or not at all. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.tmp`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
