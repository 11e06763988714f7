/** What every `FlowRunner` guarantees, over a restart too. */
import { BudError, failed, unavailable } from '@bud/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Flow, FlowHistory, FlowRunner, Run } from '../ports.ts'

export interface FlowStore {
  /** A runner on the same store, as after a restart. */
  createRunner(): FlowRunner & FlowHistory
  close(): Promise<void>
}

export function describeFlowRunner(name: string, openStore: () => Promise<FlowStore>): void {
  describe(`${name} as a flow runner`, () => {
    let store: FlowStore
    let runner: FlowRunner & FlowHistory
    let nextId = 0
    const createId = () => `run-${nextId++}`

    beforeEach(async () => {
      store = await openStore()
      runner = store.createRunner()
    })
    afterEach(async () => {
      await runner.shutdown()
      await store.close()
    })

    const launch = async <Input, Output>(body: (run: Run, input: Input) => Promise<Output>) => {
      const flow: Flow<Input, Output> = { name: 'flow', body }
      runner.register(flow)
      await runner.launch()
      return flow
    }
    const restart = async <Input, Output>(body: (run: Run, input: Input) => Promise<Output>) => {
      await runner.shutdown()
      runner = store.createRunner()
      return launch(body)
    }

    test('runs a flow once for one id, however often it is started', async () => {
      let effects = 0
      const flow = await launch((run, by: number) => run.step('add', async () => (effects += by)))
      const id = createId()
      await runner.start(flow, id, 2)
      await runner.start(flow, id, 2)
      expect(await runner.result(id)).toBe(2)
      await runner.start(flow, id, 2)
      expect(await runner.result(id)).toBe(2)
      expect(effects).toBe(2)
    })

    test('gives the flow its own id', async () => {
      const flow = await launch(async (run: Run) => run.id)
      const id = createId()
      await runner.start(flow, id, null)
      expect(await runner.result(id)).toBe(id)
    })

    test('rejects with the error of the flow, its code and reasons', async () => {
      const reasons = [{ code: 'no-gpu', message: 'No GPU is free.', next_step: 'Stop an endpoint.' }]
      const flow = await launch((run: Run) => run.step('place', () => Promise.reject(failed('No room.', reasons))))
      const id = createId()
      await runner.start(flow, id, null)
      const error = await runner.result(id).catch((thrown) => thrown)
      expect(error).toBeInstanceOf(BudError)
      expect(error).toMatchObject({ code: 'failed', message: 'No room.', reasons, retryable: false })
    })

    test('keeps the error after a restart', async () => {
      const body = (run: Run) => run.step('place', () => Promise.reject(failed('No room.')))
      const flow = await launch(body)
      const id = createId()
      await runner.start(flow, id, null)
      await expect(runner.result(id)).rejects.toThrow('No room.')
      await restart(body)
      await expect(runner.result(id)).rejects.toMatchObject({ name: 'BudError', code: 'failed', message: 'No room.' })
    })

    test('tries a step again when its error is retryable', async () => {
      let tries = 0
      const flow = await launch((run: Run) =>
        run.step('connect', async () => {
          tries += 1
          if (tries < 3) throw unavailable('Not yet.')
          return tries
        }),
      )
      const id = createId()
      await runner.start(flow, id, null)
      expect(await runner.result(id)).toBe(3)
    })

    test('fails at once when the error is terminal', async () => {
      let tries = 0
      const flow = await launch((run: Run) =>
        run.step('check', async () => {
          tries += 1
          throw failed('Never.')
        }),
      )
      const id = createId()
      await runner.start(flow, id, null)
      await expect(runner.result(id)).rejects.toThrow('Never.')
      expect(tries).toBe(1)
    })

    test('gives up when a retryable error does not go away', async () => {
      let tries = 0
      const flow = await launch((run: Run) =>
        run.step('connect', async () => {
          tries += 1
          throw unavailable('Still not.')
        }),
      )
      const id = createId()
      await runner.start(flow, id, null)
      await expect(runner.result(id)).rejects.toMatchObject({ code: 'unavailable', message: 'Still not.' })
      expect(tries).toBe(5)
    })

    test('a flow that was stopped goes on at the next launch, without its finished steps', async () => {
      const effects: string[] = []
      const reached = Promise.withResolvers<void>()
      let hold: Promise<void> | undefined = new Promise(() => {})
      const body = async (run: Run) => {
        const first = await run.step('first', async () => {
          effects.push('first')
          return { at: new Date(0), nothing: undefined, list: [1, { deep: true }] }
        })
        await run.step('second', async () => {
          effects.push('second')
          reached.resolve()
          await hold
        })
        return first
      }
      const flow = await launch(body)
      const id = createId()
      await runner.start(flow, id, null)
      await reached.promise
      hold = undefined
      await restart(body)
      expect(await runner.result(id)).toEqual({ at: new Date(0), nothing: undefined, list: [1, { deep: true }] })
      expect(effects).toEqual(['first', 'second', 'second'])
    })

    test('a step that fails while the runner stops is run again, not taken for a failure', async () => {
      const reached = Promise.withResolvers<void>()
      const stop = Promise.withResolvers<string>()
      const body = (run: Run) =>
        run.step('ask', async () => {
          reached.resolve()
          return stop.promise
        })
      const flow = await launch(body)
      const id = createId()
      await runner.start(flow, id, null)
      await reached.promise
      const stopped = runner.shutdown()
      stop.reject(failed('The engine went away with us.'))
      await stopped
      runner = store.createRunner()
      await launch((run: Run) => run.step('ask', async () => 'answered'))
      expect(await runner.result(id)).toBe('answered')
    })

    test('an error caught by the body is the same after a restart', async () => {
      const reached = Promise.withResolvers<void>()
      let hold: Promise<void> | undefined = new Promise(() => {})
      const body = async (run: Run) => {
        const code = await run
          .step('fail', () => Promise.reject(new BudError('conflict', 'Taken.')))
          .catch((error) => (error instanceof BudError ? error.code : 'unknown'))
        await run.step('hold', async () => {
          reached.resolve()
          await hold
        })
        return code
      }
      const flow = await launch(body)
      const id = createId()
      await runner.start(flow, id, null)
      await reached.promise
      hold = undefined
      await restart(body)
      expect(await runner.result(id)).toBe('conflict')
    })

    test('says whether a flow is over, also after a restart', async () => {
      const go = Promise.withResolvers<void>()
      const body = (run: Run, outcome: string) =>
        run.step('end', async () => {
          await go.promise
          if (outcome === 'fails') throw failed('No room.')
        })
      const flow = await launch(body)
      const ids = [createId(), createId()]
      for (const [index, outcome] of ['succeeds', 'fails'].entries())
        await runner.start(flow, ids[index] ?? '', outcome)
      expect(await Promise.all(ids.map((id) => runner.isOver(id)))).toEqual([false, false])
      go.resolve()
      await Promise.allSettled(ids.map((id) => runner.result(id)))
      expect(await Promise.all(ids.map((id) => runner.isOver(id)))).toEqual([true, true])
      await restart(body)
      expect(await Promise.all(ids.map((id) => runner.isOver(id)))).toEqual([true, true])
      expect(await runner.isOver('run-unknown')).toBe(false)
    })

    test('forgets flows that have ended before a moment, and no other', async () => {
      const flow = await launch((run: Run, outcome: string) =>
        run.step('end', async () => {
          if (outcome === 'hangs') await new Promise(() => {})
          if (outcome === 'fails') throw failed('No room.')
          return outcome
        }),
      )
      const [good, bad, going] = [createId(), createId(), createId()]
      await runner.start(flow, good, 'succeeds')
      await runner.start(flow, bad, 'fails')
      await runner.start(flow, going, 'hangs')
      await Promise.allSettled([runner.result(good), runner.result(bad)])
      await runner.forgetEnded(Date.now() - 3_600_000)
      expect(await runner.result(good)).toBe('succeeds')
      await runner.forgetEnded(Date.now() + 3_600_000)
      for (const id of [good, bad]) await expect(runner.result(id)).rejects.toMatchObject({ code: 'not-found' })
      const waiting = expect(runner.result(going)).rejects.toMatchObject({ code: 'unavailable' })
      await runner.shutdown()
      await waiting
    })

    test('whoever waits for a result is told when the runner stops', async () => {
      const flow = await launch((run: Run) => run.step('hang', () => new Promise(() => {})))
      const id = createId()
      await runner.start(flow, id, null)
      const waiting = expect(runner.result(id)).rejects.toMatchObject({ code: 'unavailable' })
      await runner.shutdown()
      await waiting
    })

    test('steps may run side by side', async () => {
      const both = Promise.withResolvers<void>()
      let inside = 0
      const meet = async () => {
        inside += 1
        if (inside === 2) both.resolve()
        await both.promise
        return inside
      }
      const flow = await launch((run: Run) => Promise.all([run.step('left', meet), run.step('right', meet)]))
      const id = createId()
      await runner.start(flow, id, null)
      expect(await runner.result(id)).toEqual([2, 2])
    })

    test('a step may start another flow', async () => {
      const child: Flow<string, string> = {
        name: 'child',
        body: (run, name) => run.step('greet', async () => `hi ${name}`),
      }
      runner.register(child)
      const flow = await launch((run: Run) => run.step('hand on', () => runner.start(child, `${run.id}-child`, 'Ada')))
      const id = createId()
      await runner.start(flow, id, null)
      await runner.result(id)
      expect(await runner.result(`${id}-child`)).toBe('hi Ada')
    })

    test('sleeps at least as long as asked', async () => {
      const flow = await launch((run: Run) => run.sleep(50))
      const id = createId()
      const started = performance.now()
      await runner.start(flow, id, null)
      await runner.result(id)
      expect(performance.now() - started).toBeGreaterThanOrEqual(49)
    })

    test('refuses a flow that is unknown, registered twice or too late', async () => {
      const flow = await launch(async () => null)
      const late: Flow<null, null> = { name: 'late', body: async () => null }
      expect(() => runner.register(late)).toThrow(/after the flows were launched/)
      await expect(runner.start(late, createId(), null)).rejects.toThrow(/not registered/)
      await expect(runner.result('run-unknown')).rejects.toMatchObject({ code: 'not-found' })
      const other = store.createRunner()
      other.register(flow)
      expect(() => other.register(flow)).toThrow(/registered twice/)
    })
  })
}
