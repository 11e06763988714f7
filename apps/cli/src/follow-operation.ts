/** Shows a long operation as it goes: a line per step that ended, a moving one for the step under way. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Operation } from '@bud/contract'
import { failed, unavailable } from '@bud/kernel'
import { bud } from './config.ts'
import { isConnectionError } from './errors.ts'
import { progressBar } from './progress-bar.ts'
import type { Cli } from './verb.ts'

/** A Foundry that is started again goes on with its work, so we wait for it that long. */
const PATIENCE_MS = 60_000
const RECONNECT_MS = 500

/** Resolves when it has succeeded; throws with its reasons when it failed. */
export async function followOperation(cli: Cli, operationId: string, patienceMs = PATIENCE_MS): Promise<Operation> {
  const view = cli.json ? undefined : process.stderr.isTTY ? await createMovingView() : createLineView(cli)
  let last: Operation | undefined
  for await (const operation of changesOf(cli, operationId, patienceMs)) {
    last = operation
    view?.show(operation)
  }
  view?.end()
  if (!last) throw failed(`The Foundry says nothing of ${operationId}.`)
  if (last.state === 'failed') throw failed(`${last.kind} failed (${last.id}).`, last.reasons)
  return last
}

/** Until it has ended; a line that breaks is taken up again. */
async function* changesOf(cli: Cli, id: string, patienceMs: number): AsyncGenerator<Operation, void, undefined> {
  let silentSinceMs: number | undefined
  for (;;) {
    try {
      for await (const operation of await cli.client.operations.events({ id })) {
        silentSinceMs = undefined
        yield operation
        if (operation.state !== 'running') return
      }
    } catch (error) {
      if (!isConnectionError(error)) throw error
      silentSinceMs ??= performance.now()
      if (performance.now() - silentSinceMs > patienceMs) throw gone(cli, id, error)
    }
    await sleep(RECONNECT_MS)
  }
}

const gone = (cli: Cli, id: string, cause: unknown) =>
  unavailable(
    `No Foundry answers at ${cli.connection.url} any more. Operation ${id} goes on when it is started again ("npm start"). ` +
      `Then "${bud(`operation watch ${id}`)}" follows it, and "${bud(`operation get ${id}`)}" shows how it stands.`,
    cause,
  )

type OperationStep = Operation['steps'][number]

interface View {
  show(operation: Operation): void
  end(): void
}

const ended = (step: OperationStep) => !['pending', 'running'].includes(step.state)
const marks: Record<string, string> = { succeeded: '✓', skipped: '–', failed: '✗', undone: '↩' }

export function describeStep(step: OperationStep): string {
  const progress = step.progress && step.state === 'running' ? ` ${progressBar(step.progress)}` : ''
  return `${marks[step.state] ?? '…'} ${step.name}${progress}${step.message ? `: ${step.message}` : ''}`
}

function createLineView(cli: Cli): View {
  const shown = new Map<string, string>()
  return {
    show: (operation) => {
      for (const step of operation.steps.filter(ended)) {
        if (shown.get(step.name) === step.state) continue
        shown.set(step.name, step.state)
        cli.say(`  ${describeStep(step)}`)
      }
    },
    end: () => {},
  }
}

async function createMovingView(): Promise<View> {
  const { spinner } = await import('@clack/prompts')
  const spin = spinner({ indicator: 'timer' })
  const shown = new Set<string>()
  let running: string | undefined
  const settle = (step: OperationStep) => {
    shown.add(step.name)
    if (running !== step.name) return
    running = undefined
    if (step.state === 'failed') spin.error(describeStep(step))
    else spin.stop(describeStep(step))
  }
  return {
    show: (operation) => {
      for (const step of operation.steps) {
        if (ended(step) && !shown.has(step.name)) {
          if (running !== step.name) spin.start(step.name)
          running = step.name
          settle(step)
        } else if (step.state === 'running') {
          if (running !== step.name) spin.start(step.name)
          running = step.name
          spin.message(describeStep(step))
        }
      }
    },
    end: () => {
      if (running) spin.stop(running)
    },
  }
}
