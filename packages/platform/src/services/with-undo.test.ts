import { BudError, failed } from '@bud/kernel'
import { describe, expect, test } from 'vitest'
import type { Flow } from '../ports.ts'
import { FakeRun } from '../testing/fake-run.ts'
import { withUndo } from './with-undo.ts'

const STEPS = ['reserve', 'transfer', 'start']

/** Reserves, transfers and starts; the named step fails after its effect may have happened. */
const sample = (happened: Set<string>, failing?: string, brokenUndo?: string): Flow<null, string> => ({
  name: 'sample',
  body: (run) =>
    withUndo(run, async (saga) => {
      for (const step of STEPS) {
        await saga.step(step, {
          async effect() {
            happened.add(step)
            if (step === failing) throw failed(`"${step}" failed.`, [{ code: 'cause', message: 'Because.' }])
          },
          async undo() {
            if (step === brokenUndo) throw failed('Cannot let go.')
            happened.delete(step)
          },
        })
      }
      return 'ready'
    }),
})

describe('withUndo', () => {
  test('undoes nothing when the body succeeds', async () => {
    const happened = new Set<string>()
    const run = new FakeRun()
    expect(await run.execute(sample(happened), null)).toEqual({ state: 'completed', output: 'ready' })
    expect([...happened]).toEqual(STEPS)
  })

  test('undoes the begun steps in reverse, the failed one included, and rejects with its error', async () => {
    const happened = new Set<string>()
    const run = new FakeRun()
    await expect(run.execute(sample(happened, 'transfer'), null)).rejects.toThrow('"transfer" failed.')
    expect(run.effects).toEqual(['reserve', 'transfer', 'undo transfer', 'undo reserve'])
    expect([...happened]).toEqual([])
  })

  test('goes on undoing when one undo fails, and says which', async () => {
    const happened = new Set<string>()
    const error = await new FakeRun().execute(sample(happened, 'start', 'transfer'), null).catch((thrown) => thrown)
    expect([...happened]).toEqual(['transfer'])
    expect(error).toBeInstanceOf(BudError)
    expect(error).toMatchObject({
      message: '"start" failed.',
      reasons: [{ code: 'cause' }, { code: 'undo-failed', message: 'Taking back "transfer" failed: Cannot let go.' }],
    })
  })

  for (const step of ['reserve', 'transfer', 'start', 'undo start', 'undo transfer', 'undo reserve']) {
    for (const when of ['before', 'after'] as const) {
      test(`leaves nothing behind when the process dies ${when} "${step}" and resumes`, async () => {
        const happened = new Set<string>()
        const flow = sample(happened, 'start')
        const run = new FakeRun().crashAt(step, when)
        expect(await run.execute(flow, null)).toEqual({ state: 'crashed', step })
        await expect(run.execute(flow, null)).rejects.toThrow('"start" failed.')
        expect([...happened]).toEqual([])
      })
    }
  }
})
