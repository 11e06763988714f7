import { mkdir, mkdtemp, open, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ModelSource } from '../ports.ts'
import { chunksOf } from '../testing/artifact-store.contract.ts'
import { testModelSource } from '../testing/model-source.contract.ts'
import { createFileModelSource } from './file-model-source.ts'
import { openFolderArtifactStore } from './folder-artifact-store.ts'
import { createFolderModelSource } from './folder-model-source.ts'
import { createS3ModelSource } from './s3-model-source.ts'
import { createUploadModelSource } from './upload-model-source.ts'

const UPLOAD = `upload-${'0'.repeat(26)}`
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'bud-source-'))
const find = (source: ModelSource, location: string) => source.find({ project_id: 'project-1', location })

async function folderWith(files: Record<string, string>) {
  const root = await temporaryFolder()
  const model = join(root, 'bucket', 'team', 'my-model')
  const change = async (path: string, content?: string) => {
    const file = join(model, path)
    await mkdir(dirname(file), { recursive: true })
    await (content === undefined ? rm(file) : writeFile(file, content))
  }
  for (const [path, content] of Object.entries(files)) await change(path, content)
  return { root, model, change, remove: () => rm(root, { recursive: true }) }
}

async function bucketWith(files: Record<string, string>) {
  const folder = await folderWith(files)
  const source = createFolderModelSource([
    { name: 'models', folder: join(folder.root, 'bucket'), described: 'artifacts/s3/models' },
  ])
  return { ...folder, source, location: 'models/team/my-model', missing: 'models/none', malformed: 'elsewhere/model' }
}

async function openFolderWith(files: Record<string, string>) {
  const folder = await folderWith(files)
  const root = dirname(folder.model)
  const source = createFileModelSource({ roots: ['/nowhere', root] })
  return { ...folder, root, source, location: folder.model, missing: join(root, 'none'), malformed: 'team/my-model' }
}

testModelSource('folder model source', bucketWith)
testModelSource('file model source', openFolderWith)

testModelSource('s3 model source without a connection', async (files) => {
  const fixture = await bucketWith(files)
  return { ...fixture, source: createS3ModelSource({ connectionOf: async () => undefined, otherwise: fixture.source }) }
})

testModelSource('upload model source', async (files) => {
  const root = await temporaryFolder()
  const store = await openFolderArtifactStore(root)
  const change = async (path: string, content?: string) => {
    const key = `uploads/${UPLOAD}/${path}`
    await (content === undefined ? rm(join(root, key)) : store.write(key, chunksOf(content), { replace: true }))
  }
  for (const [path, content] of Object.entries(files)) await change(path, content)
  return {
    source: createUploadModelSource(store),
    location: UPLOAD,
    missing: `upload-${'1'.repeat(26)}`,
    malformed: 'not-an-upload',
    change,
    remove: () => rm(root, { recursive: true }),
  }
})

describe('folder model source', () => {
  it('says how to connect a bucket when it does not know one', async () => {
    const { source, remove } = await bucketWith({ 'config.json': '{}' })
    onTestFinished(remove)
    await expect(find(source, 'team-weights/x')).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'There is no bucket "team-weights" here.',
      reasons: [
        {
          message: expect.stringMatching(/s3:\/\/models\/.*artifacts\/s3\/models/),
          next_step: expect.stringContaining('bud connection add <name> --s3 team-weights'),
        },
      ],
    })
  })

  it('takes no links, devices or deceptive names, and lists them as refused', async () => {
    const { model, source, location, remove } = await bucketWith({ 'config.json': '{}', 'model\u202egpj.bin': 'x' })
    onTestFinished(remove)
    await symlink('/etc/passwd', join(model, 'weights.safetensors'))
    const place = await find(source, location)
    const listing = await place.list()
    expect(listing.files.map(({ path }) => path)).toEqual(['config.json'])
    expect(listing.refused.map(({ path, rule }) => [path, rule])).toEqual([
      ['model\\u{202e}gpj.bin', 'odd-name'],
      ['weights.safetensors', 'symlink'],
    ])
    await expect(place.open('weights.safetensors')).rejects.toMatchObject({ code: 'failed' })
  })

  it('does not follow a link that stands for the whole folder', async () => {
    const { root, source, remove } = await bucketWith({ 'config.json': '{}' })
    onTestFinished(remove)
    await symlink('/etc', join(root, 'bucket', 'etc'))
    await expect(find(source, 'models/etc')).rejects.toMatchObject({
      message: expect.stringContaining('symbolic link'),
    })
  })

  it('sees a file that was replaced by one of the same size and time', async () => {
    const { model, source, location, remove } = await bucketWith({ 'weights.bin': 'weights' })
    onTestFinished(remove)
    const place = await find(source, location)
    const time = new Date(1_700_000_000_000)
    await utimes(join(model, 'weights.bin'), time, time)
    await place.list()
    await writeFile(join(model, 'new'), 'WEIGHTS')
    await utimes(join(model, 'new'), time, time)
    await rename(join(model, 'new'), join(model, 'weights.bin'))
    await expect(place.open('weights.bin')).rejects.toMatchObject({ reasons: [{ code: 'source-changed' }] })
  })

  it('sees a file that is written to while it is read', async () => {
    const { model, source, location, remove } = await bucketWith({ 'weights.bin': 'x'.repeat(4_000_000) })
    onTestFinished(remove)
    const stream = await (await find(source, location)).open('weights.bin')
    const file = await open(join(model, 'weights.bin'), 'r+')
    await file.write('Y', 3_999_999)
    await file.close()
    await expect(text(stream)).rejects.toMatchObject({ reasons: [{ code: 'source-changed' }] })
  })
})

describe('file model source', () => {
  it('is closed until somebody opens folders, and names the setting', async () => {
    const { model, remove } = await openFolderWith({ 'config.json': '{}' })
    onTestFinished(remove)
    await expect(find(createFileModelSource({ roots: [] }), model)).rejects.toMatchObject({
      code: 'invalid-input',
      reasons: [{ code: 'source-folder-closed', next_step: expect.stringContaining('BUD_MODEL_FOLDERS') }],
    })
  })

  it('stays below its roots, whichever way a path leads out of them', async () => {
    const { root, source, remove } = await openFolderWith({ 'config.json': '{}' })
    onTestFinished(remove)
    await symlink('/etc', join(root, 'link'))
    const closed = { reasons: [{ code: 'source-folder-closed' }] }
    for (const path of ['/etc', `${root}-beside`, `${root}/..`, join(root, 'link'), '/']) {
      await expect(find(source, path)).rejects.toMatchObject(closed)
    }
    // Whether it exists is not for everybody to know.
    await expect(find(source, '/etc/no-such-folder')).rejects.toMatchObject(closed)
  })

  it('takes a root that is a link for the folder that it stands for', async () => {
    const { root, model, remove } = await openFolderWith({ 'config.json': '{}' })
    onTestFinished(remove)
    await symlink(root, `${root}-link`)
    const place = await find(createFileModelSource({ roots: [`${root}-link`] }), model)
    expect((await place.list()).files).toEqual([{ path: 'config.json', bytes: 2 }])
  })
})
