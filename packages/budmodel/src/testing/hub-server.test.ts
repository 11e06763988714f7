import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadFile, listFiles, modelInfo, pathsInfo, snapshotDownload } from '@huggingface/hub'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { loraAdapter, manyFiles, shardedLlama, shardedLlamaFiles } from './hub-models.ts'
import { type HubServer, startHubServer } from './hub-server.ts'

const NAME = 'example/tiny-llama'
const SHARD = 'model-00001-of-00002.safetensors'
const TOKEN = 'hf_reader'

/** The real client, with its own way of doing things: what it needs from a hub is there. */
describe('hub server', () => {
  let hub: HubServer
  const files = shardedLlamaFiles()
  const shard = Buffer.from(files[SHARD] as Uint8Array)
  beforeAll(async () => {
    hub = await startHubServer([{ ...shardedLlama(), private: true }, loraAdapter(), manyFiles(120)], {
      [TOKEN]: { reads: [NAME] },
    })
  })
  afterAll(() => hub.close())
  const asked = () => ({ hubUrl: hub.url, accessToken: TOKEN, repo: NAME })

  it('tells the client what a repository is', async () => {
    const info = await modelInfo({ ...asked(), name: NAME, additionalFields: ['sha', 'library_name', 'filePaths'] })
    expect(info).toMatchObject({ name: NAME, private: true, sha: hub.commitOf(NAME), library_name: 'transformers' })
    expect(info.filePaths).toEqual(Object.keys(files).toSorted())
    const old = await modelInfo({ ...asked(), name: NAME, revision: 'v1.0', additionalFields: ['sha'] })
    expect(old.sha).not.toBe(info.sha)
  })

  it('lists folders, pages and what is below them', async () => {
    const many = { hubUrl: hub.url, repo: 'example/many-files' }
    const top = await Array.fromAsync(listFiles(many))
    expect(top.filter(({ type }) => type === 'directory').map(({ path }) => path)).toEqual(['notes'])
    expect((await Array.fromAsync(listFiles({ ...many, path: 'notes/001', expand: true }))).length).toBe(20)
    expect((await Array.fromAsync(listFiles({ ...many, recursive: true, expand: true }))).length).toBe(128)
    expect(await pathsInfo({ ...asked(), paths: [SHARD] })).toMatchObject([{ size: shard.length }])
  })

  it('serves small and large files to the client’s own download, whole and by parts', async () => {
    const large = await downloadFile({ ...asked(), path: SHARD })
    expect(Buffer.from((await large?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(shard)
    expect(Buffer.from((await large?.slice(100, 200).arrayBuffer()) ?? new ArrayBuffer())).toEqual(
      shard.subarray(100, 200),
    )
    expect(await (await downloadFile({ ...asked(), path: 'README.md' }))?.text()).toBe(files['README.md'])
    expect(await downloadFile({ ...asked(), path: 'none.bin' })).toBeNull()
  })

  it('fills the client’s own cache', async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), 'bud-hf-cache-'))
    onTestFinished(() => rm(cacheDir, { recursive: true }))
    // The client tells each file on the console.
    const told = vi.spyOn(console, 'debug').mockImplementation(() => {})
    onTestFinished(() => told.mockRestore())
    const folder = await snapshotDownload({ ...asked(), cacheDir })
    expect(await readFile(join(folder, SHARD))).toEqual(shard)
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(files['README.md'])
  })

  it('refuses the client as the real one does', async () => {
    const info = (name: string, accessToken?: string) =>
      modelInfo({ name, hubUrl: hub.url, ...(accessToken ? { accessToken } : {}) })
    await expect(info(NAME)).rejects.toMatchObject({ statusCode: 401 })
    await expect(info(NAME, 'hf_nobody')).rejects.toMatchObject({ statusCode: 401 })
    await expect(info('example/none', TOKEN)).rejects.toMatchObject({ statusCode: 404 })
  })
})
