import { failed, unavailable } from '@bud/kernel'
import { expect, test } from 'vitest'
import type { Flow, Run } from '../ports.ts'
import { FakeRun } from './fake-run.ts'

const flowOf = <Output>(body: (run: Run) => Promise<Output>): Flow<null, Output> => ({ name: 'flow', body })

test('remembers finished steps when the flow is executed again', async () => {
  let value = 0
  const flow = flowOf(async (run) => [
    await run.step('one', async () => ++value),
    await run.step('two', async () => ++value),
  ])
  const run = new FakeRun().crashAt('two', 'after')
  expect(await run.execute(flow, null)).toEqual({ state: 'crashed', step: 'two' })
  expect(await run.execute(flow, null)).toEqual({ state: 'completed', output: [1, 3] })
  expect(run.effects).toEqual(['one', 'two', 'two'])
})

test('tries a retryable step again and a terminal one not, as the real runner does', async () => {
  let tries = 0
  const flaky = flowOf((run) =>
    run.step('flaky', async () => {
      tries += 1
      if (tries < 3) throw unavailable('Not yet.')
      return tries
    }),
  )
  expect(await new FakeRun().execute(flaky, null)).toEqual({ state: 'completed', output: 3 })
  const broken = new FakeRun()
  await expect(
    broken.execute(
      flowOf((run) => run.step('broken', () => Promise.reject(failed('No.')))),
      null,
    ),
  ).rejects.toThrow('No.')
  expect(broken.effects).toEqual(['broken'])
})

test('does not wait for sleeps but keeps them', async () => {
  const run = new FakeRun()
  await run.execute(
    flowOf((r) => r.sleep(3_600_000)),
    null,
  )
  expect(run.slept).toEqual([3_600_000])
})

test('says when a flow takes another way than before', async () => {
  const run = new FakeRun()
  await run.execute(
    flowOf((r) => r.step('left', async () => null)),
    null,
  )
  await expect(
    run.execute(
      flowOf((r) => r.step('right', async () => null)),
      null,
    ),
  ).rejects.toThrow(/not deterministic/)
})
