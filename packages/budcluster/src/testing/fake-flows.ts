/** A flow runner that waits to be told: tests execute what was started, with the crashes they want. */
import type { Flow, FlowRunner } from '@bud/platform'
import { FakeRun } from '@bud/platform/testing/fake-run'
import type { OperationInput } from '../domain/records.ts'

export class FakeFlows implements FlowRunner {
  /** Ids of flows whose start was asked for, with every repetition. */
  readonly starts: string[] = []
  /** The next starts are lost, as if the process had died before. */
  losing = false
  readonly #over = new Set<string>()
  readonly #started = new Map<string, { flow: Flow<OperationInput, void>; input: OperationInput; run: FakeRun }>()

  register(): void {}
  async launch(): Promise<void> {}
  async shutdown(): Promise<void> {}
  result<Output>(): Promise<Output> {
    throw new Error('Tests execute flows themselves.')
  }

  async isOver(id: string): Promise<boolean> {
    return this.#over.has(id)
  }

  async start<Input, Output>(flow: Flow<Input, Output>, id: string, input: Input): Promise<void> {
    if (this.losing) throw new Error('power lost')
    this.starts.push(id)
    if (this.#started.has(id)) return
    this.#started.set(id, {
      flow: flow as unknown as Flow<OperationInput, void>,
      input: input as OperationInput,
      run: new FakeRun(id),
    })
  }

  /** It has ended, with an error that its body did not foresee. */
  breakOff(id: string): void {
    this.#over.add(id)
  }

  runOf(id: string): FakeRun {
    return this.#find(id).run
  }

  /** From where it is to its end, or to its next crash. */
  async execute(id: string): ReturnType<FakeRun['execute']> {
    const { flow, input, run } = this.#find(id)
    const outcome = await run.execute(flow, input).catch((error: unknown) => {
      this.#over.add(id)
      throw error
    })
    if (outcome.state === 'completed') this.#over.add(id)
    return outcome
  }

  #find(id: string) {
    const started = this.#started.get(id)
    if (!started) throw new Error(`Flow ${id} was never started.`)
    return started
  }
}
