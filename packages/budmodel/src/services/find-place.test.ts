import { describe, expect, it } from 'vitest'
import type { ModelSource, PlaceRequest } from '../ports.ts'
import { FakePlace } from '../testing/fake-place.ts'
import { findPlace } from './find-place.ts'

const place = new FakePlace({})
const asked: PlaceRequest[] = []
const sourceOf = (scheme: string): ModelSource => ({
  scheme,
  async find(request) {
    asked.push(request)
    return place
  },
})
const sources = ['s3', 'hf', 'file', 'upload'].map(sourceOf)

describe('a source path', () => {
  it('is asked for at the source of its scheme, for the project', async () => {
    expect(await findPlace({ sources }, 'project-1', 's3://bucket/a folder')).toBe(place)
    await findPlace({ sources }, 'project-1', 'file:///models/mine')
    expect(asked).toEqual([
      { project_id: 'project-1', location: 'bucket/a folder' },
      { project_id: 'project-1', location: '/models/mine' },
    ])
  })

  const unreadable: [string, RegExp][] = [
    ['', /one of these kinds/],
    ['models/mine', /one of these kinds/],
    ['s3://', /one of these kinds/],
    ['ftp://host/model', /one of these kinds/],
    ['https://example.com', /one of these kinds/],
    ['https://huggingface.co/org/name', /^Write hf:\/\/org\/name\.$/],
    ['https://huggingface.co/org/name/tree/v1.0/sub', /^Write hf:\/\/org\/name@v1\.0\.$/],
    ['a\u202eb://x', /one of these kinds/],
  ]
  for (const [path, next] of unreadable) {
    it(`"${path}" is refused with an example of every kind there is`, async () => {
      const error = await findPlace({ sources }, 'project-1', path).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'invalid-input',
        message: expect.not.stringMatching(/\u202e/),
        reasons: [
          {
            code: 'source-path-invalid',
            path: 'source_path',
            message: expect.stringMatching(/s3:\/\/.*hf:\/\/org\/name@.*file:\/\/\/.*upload:\/\//),
            next_step: expect.stringMatching(next),
          },
        ],
      })
    })
  }

  it('is not told to be a hub’s where there is no hub', async () => {
    await expect(
      findPlace({ sources: [sourceOf('s3')] }, 'project-1', 'https://huggingface.co/org/name'),
    ).rejects.toMatchObject({
      reasons: [{ message: expect.not.stringContaining('hf:'), next_step: expect.not.stringContaining('hf:') }],
    })
  })
})
