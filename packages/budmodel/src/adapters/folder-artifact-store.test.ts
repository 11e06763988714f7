import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chunksOf, testArtifactStore } from '../testing/artifact-store.contract.ts'
import { testPartUploads } from '../testing/part-uploads.contract.ts'
import { openFolderArtifactStore } from './folder-artifact-store.ts'

const temporaryFolder = () => mkdtemp(join(tmpdir(), 'bud-store-'))

testArtifactStore('folder artifact store', async () => {
  const folder = await temporaryFolder()
  return { store: await openFolderArtifactStore(folder), remove: () => rm(folder, { recursive: true }) }
})

testPartUploads('folder artifact store', async () => {
  const folder = await temporaryFolder()
  const reopen = () => openFolderArtifactStore(folder)
  return { store: await reopen(), reopen, partBytes: 4096, urls: false, remove: () => rm(folder, { recursive: true }) }
})

describe('folder artifact store', () => {
  it('copies without a second copy of the bytes', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => rm(folder, { recursive: true }))
    const store = await openFolderArtifactStore(folder)
    await store.write('a/source', chunksOf('content'))
    await store.copy('a/source', 'b/copy')
    const inode = async (key: string) => (await stat(join(folder, key))).ino
    expect(await inode('b/copy')).toBe(await inode('a/source'))
  })

  it('makes an object of parts of one size without a second copy of the bytes', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => rm(folder, { recursive: true }))
    const store = await openFolderArtifactStore(folder)
    const { upload } = await store.begin('a/large')
    for (const [i, part] of ['aaaa', 'bbbb', 'cc'].entries()) {
      await store.writePart('a/large', upload, { number: i + 1, bytes: part.length }, chunksOf(part))
    }
    const { ino } = await stat(join(folder, '.unfinished', upload, 'data'))
    await store.complete('a/large', upload, 3)
    expect((await stat(join(folder, 'a/large'))).ino).toBe(ino)
    expect(await readFile(join(folder, 'a/large'), 'utf8')).toBe('aaaabbbbcc')
  })

  it('removes what a killed process left half-written when it is opened again', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => rm(folder, { recursive: true }))
    await mkdir(join(folder, '.incoming'))
    await writeFile(join(folder, '.incoming', 'left-over'), 'half')
    await openFolderArtifactStore(folder)
    expect(await readdir(join(folder, '.incoming'))).toEqual([])
  })

  it('leaves no empty folders and no temporary files behind', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => rm(folder, { recursive: true }))
    const store = await openFolderArtifactStore(folder)
    await store.write('models/m/v/a/b', chunksOf('x'))
    await store.deletePrefix('models/m/v')
    const { upload } = await store.begin('models/m/v/c')
    await store.writePart('models/m/v/c', upload, { number: 1, bytes: 1 }, chunksOf('x'))
    await store.deletePrefix('models/m/v')
    expect(await readdir(folder, { recursive: true })).toEqual(['.incoming', '.unfinished'])
  })

  it('does not follow links planted in its folder', async () => {
    const folder = await temporaryFolder()
    const outside = await temporaryFolder()
    onTestFinished(async () => {
      await rm(folder, { recursive: true })
      await rm(outside, { recursive: true })
    })
    const store = await openFolderArtifactStore(folder)
    await writeFile(join(outside, 'secret'), 'secret')
    await mkdir(join(folder, 'models'))
    await symlink(outside, join(folder, 'models', 'link'))
    await symlink(join(outside, 'secret'), join(folder, 'models', 'file'))
    await expect(store.write('models/link/x', chunksOf('x'))).rejects.toMatchObject({ code: 'failed' })
    await expect(store.read('models/link/secret')).rejects.toMatchObject({ code: 'failed' })
    await expect(store.read('models/file')).rejects.toMatchObject({ code: 'failed' })
    expect(await readdir(outside)).toEqual(['secret'])
  })
})
