/** What every model source keeps to. */
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelSource } from '../ports.ts'

export interface SourceFixture {
  source: ModelSource
  /** A place that holds the files given to `create`. */
  location: string
  /** A place that does not exist. */
  missing: string
  remove(): Promise<void>
}

export function testModelSource(name: string, create: (files: Record<string, string>) => Promise<SourceFixture>): void {
  describe(name, () => {
    let fixture: SourceFixture
    beforeEach(async () => {
      fixture = await create({ 'config.json': '{}', 'sub/weights.bin': 'weights', 'a.txt': '' })
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
      expect(await fixture.source.list(fixture.location)).toEqual(expected)
      expect(await fixture.source.list(`${fixture.location}/`)).toEqual(expected)
    })

    it('opens what it lists', async () => {
      expect(await text(await fixture.source.open(fixture.location, 'sub/weights.bin'))).toBe('weights')
      expect(await text(await fixture.source.open(fixture.location, 'a.txt'))).toBe('')
    })

    it('refuses what is not there with a next step', async () => {
      await expect(fixture.source.list(fixture.missing)).rejects.toMatchObject({
        code: 'invalid-input',
        reasons: [{ path: 'source_path', next_step: expect.stringMatching(/.+/) }],
      })
      await expect(fixture.source.open(fixture.location, 'none.bin')).rejects.toMatchObject({ code: 'not-found' })
    })

    it('does not leave its place', async () => {
      for (const path of ['../secret', 'sub/../../secret', '/etc/passwd']) {
        await expect(fixture.source.open(fixture.location, path)).rejects.toMatchObject({ code: 'invalid-input' })
      }
      await expect(fixture.source.list(`${fixture.location}/../..`)).rejects.toMatchObject({ code: 'invalid-input' })
    })
  })
}
