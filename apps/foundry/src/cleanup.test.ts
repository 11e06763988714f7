import { describe, expect, test } from 'vitest'
import { Cleanup } from './cleanup.ts'

describe('cleaning up', () => {
  test('closes what was opened last first, each before the next', async () => {
    const closed: string[] = []
    const cleanup = new Cleanup()
    cleanup.add(() => closed.push('database'))
    cleanup.add(async () => {
      await Promise.resolve()
      closed.push('server')
    })
    cleanup.add(() => closed.push('gateway'))
    await cleanup.run()
    expect(closed).toEqual(['gateway', 'server', 'database'])
  })

  test('goes on after a failure, and passes the first one on', async () => {
    const closed: string[] = []
    const cleanup = new Cleanup()
    cleanup.add(() => closed.push('lock'))
    cleanup.add(() => Promise.reject(new Error('second')))
    cleanup.add(() => {
      throw new Error('first')
    })
    await expect(cleanup.run()).rejects.toThrow('first')
    expect(closed).toEqual(['lock'])
  })

  test('closes nothing twice', async () => {
    let times = 0
    const cleanup = new Cleanup()
    cleanup.add(() => times++)
    await cleanup.run()
    await cleanup.run()
    expect(times).toBe(1)
  })
})
