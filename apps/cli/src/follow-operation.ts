/** Shows a long operation as it goes: a line per step that ended, a moving one for the step under way. */
import type { Operation } from '@bud/contract'
import { failed } from '@bud/kernel'
import { spinner } from '@clack/prompts'
import { bytes } from './output.ts'
import type { Cli } from './verb.ts'

/** Resolves when it has succeeded; throws with its reasons when it failed. */
export async function followOperation(cli: Cli, operationId: string): Promise<Operation> {
  const view = cli.json ? undefined : process.stderr.isTTY ? createMovingView() : createLineView(cli)
  let last = await cli.client.operations.get({ id: operationId })
  view?.show(last)
  while (last.state === 'running') {
    for await (const operation of await cli.client.operations.events({ id: operationId })) {
      last = operation
      view?.show(operation)
    }
    if (last.state === 'running') last = await cli.client.operations.get({ id: operationId })
  }
  view?.end(last)
  if (last.state === 'failed') throw failed(`${last.kind} failed (${last.id}).`, last.reasons)
  return last
}

type OperationStep = Operation['steps'][number]

interface View {
  show(operation: Operation): void
  end(operation: Operation): void
}

const ended = (step: OperationStep) => !['pending', 'running'].includes(step.state)
const marks: Record<string, string> = { succeeded: '✓', skipped: '–', failed: '✗', undone: '↩' }

export function describeStep(step: OperationStep): string {
  const progress = step.progress && step.state === 'running' ? ` ${describeProgress(step.progress)}` : ''
  return `${marks[step.state] ?? '…'} ${step.name}${progress}${step.message ? `: ${step.message}` : ''}`
}

function describeProgress({ done, total, unit }: NonNullable<OperationStep['progress']>): string {
  const share = total > 0 ? Math.min(1, done / total) : 0
  const width = 20
  const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░')
  const figures = unit === 'bytes' ? `${bytes(done)} of ${bytes(total)}` : `${done} of ${total} ${unit}`
  return `${bar} ${figures}`
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

function createMovingView(): View {
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
