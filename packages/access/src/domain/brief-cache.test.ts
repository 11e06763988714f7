import { expect, test } from 'vitest'
import { BriefCache } from './brief-cache.ts'

const create = (entriesMax = 10) => {
  const clock = { now: 0 }
  const loads: string[] = []
  const cache = new BriefCache<string>({ ttlMs: 5_000, entriesMax, nowMs: () => clock.now })
  const get = (key: string) =>
    cache.get(key, async () => {
      loads.push(key)
      return key.toUpperCase()
    })
  return { cache, clock, loads, get }
}

test('asks again only after its time', async () => {
  const { clock, loads, get } = create()
  expect([await get('a'), await get('a')]).toEqual(['A', 'A'])
  expect(loads).toEqual(['a'])
  clock.now = 5_000
  await get('a')
  expect(loads).toEqual(['a', 'a'])
})

test('does not remember that nothing was found', async () => {
  const { cache } = create()
  expect(await cache.get('a', async () => undefined)).toBeUndefined()
  expect(await cache.get('a', async () => 'found')).toBe('found')
})

test('forgets the oldest entry when it is full', async () => {
  const { loads, get } = create(2)
  for (const key of ['a', 'b', 'c', 'b', 'a']) await get(key)
  expect(loads).toEqual(['a', 'b', 'c', 'a'])
})

test('does not remember an answer that was on its way when everything was to be forgotten', async () => {
  const { cache, loads, get } = create()
  const slow = Promise.withResolvers<string>()
  const pending = cache.get('a', () => slow.promise)
  cache.clear()
  slow.resolve('stale')
  expect(await pending).toBe('stale')
  expect(await get('a')).toBe('A')
  expect(loads).toEqual(['a'])
})
