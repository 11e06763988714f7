/** A cluster's cache in memory. */
import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { failed } from '@bud/kernel'
import type { ModelStaging, StagingRequest } from '../ports.ts'

export class FakeModelStaging implements ModelStaging {
  readonly #contents = new Map<string, { files: Map<string, Buffer>; usedMs: number }>()

  async stage({ manifest, open, onProgress }: StagingRequest): Promise<{ copied_bytes: number; total_bytes: number }> {
    const content = this.#contents.get(manifest.digest) ?? { files: new Map<string, Buffer>(), usedMs: 0 }
    content.usedMs = Date.now()
    this.#contents.set(manifest.digest, content)
    let copied_bytes = 0
    let total_bytes = 0
    for (const { path, bytes, sha256 } of manifest.files) {
      if (!content.files.has(path)) {
        const body = await buffer(await open(path))
        if (createHash('sha256').update(body).digest('hex') !== sha256)
          throw failed(`${path} was changed.`, [
            { code: 'model-object-changed', message: `${path} was changed.`, path },
          ])
        content.files.set(path, body)
        copied_bytes += bytes
      }
      total_bytes += bytes
      onProgress(total_bytes)
    }
    return { copied_bytes, total_bytes }
  }

  async collect({
    keep,
    unused_for_ms,
  }: {
    keep: readonly string[]
    unused_for_ms: number
  }): Promise<{ removed: string[] }> {
    const removed = [...this.#contents]
      .filter(([digest, { usedMs }]) => !keep.includes(digest) && Date.now() - usedMs >= unused_for_ms)
      .map(([digest]) => digest)
    for (const digest of removed) this.#contents.delete(digest)
    return { removed }
  }
}
