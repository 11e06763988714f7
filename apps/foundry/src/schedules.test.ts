import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { startSchedules } from './schedules.ts'

const silent = pino({ level: 'silent' })
const LONG_MS = 2 ** 30

/** A promise and the means to fulfil it. */
function promise() {
  let resolve = () => {}
  const done = new Promise<void>((fulfil) => {
    resolve = fulfil
  })
  return { done, resolve }
}

describe('a schedule', () => {
  test('runs at once, and comes round again', async () => {
    const thrice = promise()
    let runs = 0
    const stop = startSchedules(
      [{ name: 'count', everyMs: 1, run: async () => void (++runs === 3 && thrice.resolve()) }],
      silent,
    )
    await thrice.done
    await stop()
    expect(runs).toBeGreaterThanOrEqual(3)
  })

  test('never runs beside itself, however long it takes', async () => {
    let [running, most, runs] = [0, 0, 0]
    const enough = promise()
    const run = async () => {
      most = Math.max(most, ++running)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      running--
      if (++runs === 5) enough.resolve()
    }
    const stop = startSchedules([{ name: 'slow', everyMs: 0, run }], silent)
    await enough.done
    await stop()
    expect(most).toBe(1)
  })

  test('comes round again after a failure, which is logged with its name', async () => {
    const again = promise()
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
    let runs = 0
    const run = async () => {
      if (++runs === 1) throw new Error('the cluster does not answer')
      again.resolve()
    }
    const stop = startSchedules([{ name: 'reconcile', everyMs: 1, run }], logger)
    await again.done
    await stop()
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { message: 'the cluster does not answer' } })
    expect(lines[0]).toContain('reconcile failed')
  })

  test('that is stopped does not wait for its next turn, but for the run under way', async () => {
    const [started, mayEnd] = [promise(), promise()]
    let ended = false
    const run = async () => {
      started.resolve()
      await mayEnd.done
      ended = true
    }
    const stop = startSchedules(
      [
        { name: 'under way', everyMs: LONG_MS, run },
        { name: 'pausing', everyMs: LONG_MS, run: async () => {} },
      ],
      silent,
    )
    await started.done
    const stopped = stop()
    mayEnd.resolve()
    await stopped
    expect(ended).toBe(true)
  })
})
