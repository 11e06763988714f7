import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Platform } from '../create-platform.ts'
import type { BudEvent, EventBus } from '../ports.ts'
import { createTestPlatform } from '../testing/create-test-platform.ts'
import { createMemoryEventBus } from './memory-event-bus.ts'

const event = (id: string, project_id = 'project-1'): BudEvent => ({ project_id, type: 'endpoint.changed', id })

/** Everything that is unread now. */
async function unread(bus: EventBus, publish: () => void | Promise<void>, projectId = 'project-1'): Promise<string[]> {
  const controller = new AbortController()
  const reader = bus.subscribe(projectId, controller.signal)[Symbol.asyncIterator]()
  await publish()
  bus.publish({ project_id: projectId, type: 'alert.changed', id: 'end' })
  const ids: string[] = []
  for (;;) {
    const { value } = await reader.next()
    if (value?.id === 'end') break
    ids.push(value?.id)
  }
  controller.abort()
  expect(await reader.next()).toMatchObject({ done: true })
  return ids
}

describe('the event bus', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await createTestPlatform()
  })
  afterAll(() => platform.close())

  const publish = (bus: EventBus, ids: string[]) => () => {
    for (const id of ids) bus.publish(event(id))
  }

  test('delivers a project its own events, in order', async () => {
    const bus = createMemoryEventBus()
    const ids = await unread(bus, () => {
      bus.publish(event('a'))
      bus.publish(event('b', 'other'))
      bus.publish(event('c'))
    })
    expect(ids).toEqual(['a', 'c'])
  })

  test('tells a slow reader once of what changed twice', async () => {
    const bus = createMemoryEventBus()
    expect(await unread(bus, publish(bus, ['a', 'b', 'a']))).toEqual(['a', 'b'])
  })

  test('drops the oldest events of a slow reader', async () => {
    const bus = createMemoryEventBus({ queueMax: 2 })
    expect(await unread(bus, publish(bus, ['a', 'b', 'c']))).toEqual(['c'])
  })

  test('ends for a reader that had left before it began', async () => {
    const reader = createMemoryEventBus().subscribe('project-1', AbortSignal.abort())
    expect(await Array.fromAsync(reader)).toEqual([])
  })

  test('holds events of a transaction back until it commits, and drops those of one that does not', async () => {
    const ids = await unread(platform.events, async () => {
      await platform.database.transact(async () => {
        platform.events.publish(event('committed'))
        platform.events.publish(event('committed-too'))
      })
      await platform.database
        .transact(async () => {
          platform.events.publish(event('rolled-back'))
          throw new Error('no')
        })
        .catch(() => {})
    })
    expect(ids).toEqual(['committed', 'committed-too'])
  })
})
