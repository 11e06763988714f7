import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chunksOf } from '../testing/artifact-store.contract.ts'
import { testModelSource } from '../testing/model-source.contract.ts'
import { openFolderArtifactStore } from './folder-artifact-store.ts'
import { createFolderModelSource } from './folder-model-source.ts'
import { createUploadModelSource } from './upload-model-source.ts'

const UPLOAD = `upload-${'0'.repeat(26)}`
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'bud-source-'))

async function bucketWith(files: Record<string, string>) {
  const root = await temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, 'bucket', 'team', 'my-model', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  const source = createFolderModelSource([
    { name: 'models', folder: join(root, 'bucket'), described: 'artifacts/s3/models' },
  ])
  return {
    root,
    source,
    location: 'models/team/my-model',
    missing: 'models/none',
    remove: () => rm(root, { recursive: true }),
  }
}

testModelSource('folder model source', bucketWith)

testModelSource('upload model source', async (files) => {
  const root = await temporaryFolder()
  const store = await openFolderArtifactStore(root)
  for (const [path, content] of Object.entries(files)) await store.write(`uploads/${UPLOAD}/${path}`, chunksOf(content))
  const missing = `upload-${'1'.repeat(26)}`
  return {
    source: createUploadModelSource(store),
    location: UPLOAD,
    missing,
    remove: () => rm(root, { recursive: true }),
  }
})

describe('folder model source', () => {
  it('says which buckets exist when it does not know one', async () => {
    const { source, remove } = await bucketWith({ 'config.json': '{}' })
    onTestFinished(remove)
    await expect(source.list('team-weights/x')).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'There is no bucket "team-weights" here.',
      reasons: [{ message: expect.stringMatching(/s3:\/\/models\/.*artifacts\/s3\/models.*not available yet/) }],
    })
  })

  it('takes no links, devices or deceptive names, and lists them as refused', async () => {
    const { root, source, location, remove } = await bucketWith({
      'config.json': '{}',
      'model\u202egpj.safetensors': 'x',
    })
    onTestFinished(remove)
    await symlink('/etc/passwd', join(root, 'bucket', location.slice('models/'.length), 'weights.safetensors'))
    const listing = await source.list(location)
    expect(listing.files.map(({ path }) => path)).toEqual(['config.json'])
    expect(listing.refused.map(({ path, rule }) => [path, rule]).toSorted()).toEqual([
      ['model\\u{202e}gpj.safetensors', 'odd-name'],
      ['weights.safetensors', 'symlink'],
    ])
    await expect(source.open(location, 'weights.safetensors')).rejects.toMatchObject({ code: 'failed' })
  })

  it('does not follow a link that stands for the whole folder', async () => {
    const { root, source, remove } = await bucketWith({ 'config.json': '{}' })
    onTestFinished(remove)
    await symlink('/etc', join(root, 'bucket', 'etc'))
    await expect(source.list('models/etc')).rejects.toMatchObject({ message: expect.stringContaining('symbolic link') })
  })
})
