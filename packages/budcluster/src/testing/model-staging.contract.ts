/** What every ModelStaging guarantees. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ModelStaging } from '../ports.ts'

export function describeModelStaging(name: string, create: () => Promise<ModelStaging>): void {
  describe(`ModelStaging: ${name}`, () => {
    let staging: ModelStaging
    beforeEach(async () => {
      staging = await create()
    })
    const files: Record<string, string> = {
      'config.json': '{"model_type":"llama"}',
      'weights/a.safetensors': 'w'.repeat(70_000),
    }
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const manifest = {
      digest: sha256('digest of both'),
      files: Object.entries(files).map(([path, text]) => ({ path, bytes: text.length, sha256: sha256(text) })),
    }
    const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)
    const opened: string[] = []
    const stage = (content: Record<string, string> = files, onProgress: (done: number) => void = () => {}) => {
      opened.length = 0
      return staging.stage({
        manifest,
        onProgress,
        open: async (path) => {
          opened.push(path)
          return Readable.from([Buffer.from(content[path] ?? '')])
        },
      })
    }

    it('brings every file, with progress that ends at the whole', async () => {
      const progress: number[] = []
      expect(await stage(files, (done) => progress.push(done))).toEqual({ copied_bytes: total, total_bytes: total })
      expect(progress.at(-1)).toBe(total)
      expect(progress).toEqual([...progress].sort((a, b) => a - b))
    })

    it('keeps one copy per content: the same again reads nothing', async () => {
      await stage()
      expect(await stage()).toEqual({ copied_bytes: 0, total_bytes: total })
      expect(opened).toEqual([])
    })

    it('refuses a file that is not the one of the manifest, keeps nothing of it, and goes on after that', async () => {
      const tampered = { ...files, 'weights/a.safetensors': 'x'.repeat(70_000) }
      await expect(stage(tampered)).rejects.toMatchObject({
        code: 'failed',
        reasons: [{ code: 'model-object-changed', path: 'weights/a.safetensors' }],
      })
      expect((await stage()).copied_bytes).toBe(70_000)
      expect(opened).toEqual(['weights/a.safetensors'])
    })

    it('goes on where a broken transfer stopped', async () => {
      const breaking = staging.stage({
        manifest,
        onProgress: () => {},
        open: async (path) =>
          path === 'config.json'
            ? Readable.from([Buffer.from(files[path] ?? '')])
            : Readable.from(
                (async function* () {
                  yield Buffer.from('www')
                  throw new Error('connection lost')
                })(),
              ),
      })
      await expect(breaking).rejects.toThrow('connection lost')
      await stage()
      expect(opened).toEqual(['weights/a.safetensors'])
    })

    it('collects what nobody keeps or has asked for lately, and nothing else', async () => {
      await stage()
      expect(await staging.collect({ keep: [manifest.digest], unused_for_ms: 0 })).toEqual({ removed: [] })
      expect(await staging.collect({ keep: [], unused_for_ms: 60_000 })).toEqual({ removed: [] })
      expect(await staging.collect({ keep: [], unused_for_ms: 0 })).toEqual({ removed: [manifest.digest] })
      expect((await stage()).copied_bytes).toBe(total)
    })
  })
}
