/** What every model source keeps to. */
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelSource, SourcePlace } from '../ports.ts'

export interface SourceFixture {
  source: ModelSource
  /** A place that holds the files given to `create`. */
  location: string
  /** A place that does not exist. */
  missing: string
  /** A place that is none. */
  malformed: string
  /** Gives one of the files other content; without content, takes it away. */
  change(path: string, content?: string): Promise<void>
  remove(): Promise<void>
}

const PROJECT = 'project-of-a-test'

export function testModelSource(name: string, create: (files: Record<string, string>) => Promise<SourceFixture>): void {
  describe(name, () => {
    let fixture: SourceFixture
    let place: SourcePlace
    const find = (location: string) => fixture.source.find({ project_id: PROJECT, location })
    beforeEach(async () => {
      fixture = await create({ 'config.json': '{}', 'sub/weights.bin': 'weights', 'a.txt': '' })
      place = await find(fixture.location)
    })
    afterEach(() => fixture.remove())

    it('lists every file with its size, in path order, with or without a slash at the end', async () => {
      const expected = {
        files: [
          { path: 'a.txt', bytes: 0 },
          { path: 'config.json', bytes: 2 },
          { path: 'sub/weights.bin', bytes: 7 },
        ],
        refused: [],
      }
      expect(await place.list()).toEqual(expected)
      expect(await (await find(`${fixture.location}/`)).list()).toEqual(expected)
    })

    it('finds the same place by its pinned path', async () => {
      const scheme = `${fixture.source.scheme}://`
      expect(place.pinned.startsWith(scheme)).toBe(true)
      const again = await find(place.pinned.slice(scheme.length))
      expect(again.pinned).toBe(place.pinned)
      expect(await again.list()).toEqual(await place.list())
    })

    it('opens what it lists, from any byte on', async () => {
      const { files } = await place.list()
      for (const { path } of files) await text(await place.open(path))
      expect(await text(await place.open('sub/weights.bin'))).toBe('weights')
      expect(await text(await place.open('sub/weights.bin', 3))).toBe('ghts')
      expect(await text(await place.open('sub/weights.bin', 7))).toBe('')
      expect(await text(await place.open('a.txt'))).toBe('')
    })

    it('opens files before it has listed them', async () => {
      expect(await text(await place.open('config.json'))).toBe('{}')
    })

    it('does not go on with a file that has changed since it was listed', async () => {
      await place.list()
      await fixture.change('sub/weights.bin', 'other weights')
      await expect(readAll(place, 'sub/weights.bin')).rejects.toMatchObject(changed)
      await expect(readAll(place, 'sub/weights.bin', 2)).rejects.toMatchObject(changed)
      expect(await text(await place.open('config.json'))).toBe('{}')
    })

    it('does not go on with a file that has changed since it was first read', async () => {
      await text(await place.open('sub/weights.bin'))
      await fixture.change('sub/weights.bin', 'other weights')
      await expect(readAll(place, 'sub/weights.bin', 3)).rejects.toMatchObject(changed)
    })

    it('reads a changed file once it has been listed again', async () => {
      await place.list()
      await fixture.change('config.json', '{"new":true}')
      expect((await place.list()).files).toContainEqual({ path: 'config.json', bytes: 12 })
      expect(await text(await place.open('config.json'))).toBe('{"new":true}')
    })

    it('answers not-found for a file that has gone', async () => {
      await place.list()
      await fixture.change('config.json')
      await expect(place.open('config.json')).rejects.toMatchObject({ code: 'not-found' })
      await expect(place.open('none.bin')).rejects.toMatchObject({ code: 'not-found' })
    })

    it('refuses a place that is not there with a next step', async () => {
      for (const location of [fixture.missing, fixture.malformed]) {
        await expect(find(location)).rejects.toMatchObject({
          code: 'invalid-input',
          reasons: [{ path: 'source_path', next_step: expect.stringMatching(/.+/) }],
        })
      }
    })

    it('does not leave its place', async () => {
      for (const path of ['../secret', 'sub/../../secret', '/etc/passwd']) {
        await expect(place.open(path)).rejects.toMatchObject({ code: 'invalid-input' })
      }
      await expect(find(`${fixture.location}/../..`)).rejects.toMatchObject({ code: 'invalid-input' })
    })
  })
}

const changed = { code: 'failed', reasons: [{ code: 'source-changed' }] }

/** The change may be seen when the file is opened or when it is read. */
const readAll = async (place: SourcePlace, path: string, start?: number): Promise<string> =>
  text(await place.open(path, start))
