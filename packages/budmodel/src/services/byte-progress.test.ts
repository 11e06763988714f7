import type { OperationStep, Operations } from '@bud/platform'
import { describe, expect, it } from 'vitest'
import { SteppingClock } from '../testing/stepping-clock.ts'
import { byteProgress } from './byte-progress.ts'

function progressOf(updateStep: (change: Partial<OperationStep>) => Promise<void>) {
  const clock = new SteppingClock()
  const operations = {
    updateStep: (_id: string, _step: string, change: Partial<OperationStep>) => updateStep(change),
  } as Operations
  return { clock, onBytes: byteProgress({ operations, clock }, 'operation-1', 'import', { done: 100, total: 1000 }) }
}

describe('progress in bytes', () => {
  it('adds up what several readers tell, four times a second at most', async () => {
    const told: (number | undefined)[] = []
    const { clock, onBytes } = progressOf(async ({ progress }) => void told.push(progress?.done))
    for (let index = 0; index < 4; index++) {
      await Promise.all([onBytes(50), onBytes(25)])
      await clock.sleep(250)
    }
    expect(told).toEqual([150, 225, 300, 375])
  })

  it('never steps back when a report takes long', async () => {
    const told: (number | undefined)[] = []
    const first = Promise.withResolvers<void>()
    const { clock, onBytes } = progressOf(async ({ progress }) => {
      if (told.length === 0) await first.promise
      told.push(progress?.done)
    })
    const slow = onBytes(10)
    await clock.sleep(1000)
    await onBytes(10)
    first.resolve()
    await slow
    await clock.sleep(1000)
    await onBytes(10)
    expect(told).toEqual([110, 130])
  })

  it('reports again after a report that failed', async () => {
    const told: (number | undefined)[] = []
    let fails = true
    const { clock, onBytes } = progressOf(async ({ progress }) => {
      if (fails) throw new Error('the database is gone')
      told.push(progress?.done)
    })
    await expect(onBytes(10)).rejects.toThrow('the database is gone')
    fails = false
    await clock.sleep(1000)
    await onBytes(10)
    expect(told).toEqual([120])
  })
})
