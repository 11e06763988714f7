/** No tar archive makes the walk throw or hang, and every entry of a sound one is handed out with its bytes. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countingFile, damaged } from '../../testing/damaged-files.ts'
import { fuzzRuns } from '../../testing/fuzz-runs.ts'
import { paxRecord, type TarMember, tarOf } from '../../testing/tar-writer.ts'
import { type TarEntry, type TarWalk, walkTar } from './tar.ts'

const RUNS = { numRuns: fuzzRuns(), seed: 20_260_105 }
const TIMEOUT = { timeout: 60_000 + fuzzRuns() * 20 }

async function walk(content: Uint8Array): Promise<{ entries: TarEntry[]; result: TarWalk }> {
  const { file, bytesRead } = countingFile('model.tar', content)
  const entries: TarEntry[] = []
  const result = await walkTar(file, async (entry) => void entries.push(entry))
  expect(bytesRead()).toBeLessThanOrEqual(512 + 3 * content.length)
  expect(result.end).toBeLessThanOrEqual(content.length + 512)
  for (const entry of entries) expect(entry.offset + 512 + entry.content.bytes).toBeLessThanOrEqual(content.length)
  return { entries, result }
}

const member = fc.record(
  {
    name: fc.stringMatching(/^[a-zA-Z0-9_/.-]{1,90}$/),
    content: fc.uint8Array({ maxLength: 1500 }),
    old: fc.boolean(),
  },
  { requiredKeys: ['name', 'content'] },
)

it('hands out every entry of a sound archive with its bytes', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 5 }), fc.boolean(), async (members, withoutEnd) => {
      const { entries, result } = await walk(tarOf(members, { withoutEnd }))
      expect(result).toMatchObject({ complete: true, problems: [], entries: members.length })
      for (const [i, entry] of entries.entries()) {
        expect(entry.name).toBe(members[i]?.name)
        expect(Buffer.from(await entry.content.read(0, 2000))).toEqual(Buffer.from(members[i]?.content ?? []))
      }
    }),
    RUNS,
  ),
)

it('takes the name from the record before an entry', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[a-z/]{1,300}$/), fc.boolean(), async (name, pax) => {
      const record: TarMember = pax
        ? { name: 'x', type: 'x', content: paxRecord('path', name) }
        : { name: 'x', type: 'L', content: Buffer.from(`${name}\0`) }
      const { entries } = await walk(tarOf([record, { name: 'short', content: Buffer.from('1') }]))
      expect(entries.map((entry) => entry.name)).toEqual([name])
    }),
    RUNS,
  ),
)

const sound = tarOf([
  { name: 'x', type: 'x', content: Buffer.concat([paxRecord('path', 'a/b'), paxRecord('size', '3')]) },
  { name: 'a', content: Buffer.from('abc') },
  { name: 'link', type: '2', linkTarget: '/etc' },
  { name: 'dir/', type: '5' },
  { name: 'b', content: Buffer.alloc(700, 1) },
])

it('survives damaged archives, also where the checksum is made right again', TIMEOUT, () =>
  fc.assert(
    fc.asyncProperty(damaged(sound), fc.boolean(), async (content, repaired) => {
      if (repaired) repairChecksums(content)
      await walk(content)
    }),
    RUNS,
  ),
)

function repairChecksums(content: Buffer): void {
  for (let at = 0; at + 512 <= content.length; at += 512) {
    const header = content.subarray(at, at + 512)
    if (header[148] === 0) continue
    header.write('        ', 148, 'latin1')
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
      'latin1',
    )
  }
}
