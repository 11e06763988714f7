/**
 * A process for the kill test: finishes the flow that its predecessor was killed in, then starts the next one and
 * kills itself at the moment asked for. Arguments: data folder, effects file, flow to finish or "-", flow to start
 * or "-", step to die in, "before" or "after" its effect.
 */
import { appendFileSync } from 'node:fs'
import { failed } from '@bud/kernel'
import { createPlatform } from '../create-platform.ts'
import type { Flow } from '../ports.ts'
import { withUndo } from '../services/with-undo.ts'

const [dataDir = '', effectsFile = '', unfinished = '-', next = '-', fatalStep = '', moment = ''] =
  process.argv.slice(2)

/** Does the effect of a step, as a line in a file, and dies where it is told to. */
function perform(flowId: string, step: string): void {
  const isFatal = flowId === next && step === fatalStep
  if (isFatal && moment === 'before') process.kill(process.pid, 'SIGKILL')
  appendFileSync(effectsFile, `${flowId} ${step}\n`)
  if (isFatal) process.kill(process.pid, 'SIGKILL')
}

const sample: Flow<null, string> = {
  name: 'sample',
  body: (run) =>
    withUndo(run, async (saga) => {
      for (const step of ['reserve', 'transfer', 'start']) {
        await saga.step(step, {
          effect: async () => perform(run.id, step),
          undo: async () => perform(run.id, `undo ${step}`),
        })
      }
      return run.step('verify', async () => {
        perform(run.id, 'verify')
        throw failed('The engine never became ready.')
      })
    }),
}

const platform = await createPlatform({ dataDir })
platform.flows.register(sample)
await platform.flows.launch()
if (unfinished !== '-') {
  const error = await platform.flows.result(unfinished).catch((thrown: unknown) => thrown)
  appendFileSync(effectsFile, `${unfinished} failed with ${Object(error).code}\n`)
}
if (next !== '-') {
  await platform.flows.start(sample, next, null)
  await platform.flows.result(next).catch(() => {})
}
await platform.close()
