/**
 * Durable steps in memory, for testing flow bodies in milliseconds: it remembers finished steps, can "lose power" at
 * a chosen step, and goes on from there when the flow is executed again.
 */
import { STEP_RETRIES, withRetries } from '../domain/retry-policy.ts'
import type { Flow, Run } from '../ports.ts'

export type FakeOutcome<Output> = { state: 'completed'; output: Output } | { state: 'crashed'; step: string }

type Remembered = { name: string; value: unknown } | { name: string; error: unknown }

export class FakeRun implements Run {
  readonly id: string
  /** Names of the effects that really ran, in order, over all executions. */
  readonly effects: string[] = []
  /** Durations of the sleeps that were waited for. */
  readonly slept: number[] = []
  readonly #history: Remembered[] = []
  #position = 0
  #crashAt: { step: string; when: 'before' | 'after' } | undefined
  #crash = Promise.withResolvers<FakeOutcome<never>>()

  constructor(id = 'op-00000000000000000000000000') {
    this.id = id
  }

  /**
   * The next execution ends at the step of this name: 'before' its effect, or 'after' its effect has happened but
   * before that is remembered (so it happens again: at least once).
   */
  crashAt(step: string, when: 'before' | 'after' = 'after'): this {
    this.#crashAt = { step, when }
    return this
  }

  /** Runs the flow from the start, repeating nothing that is remembered. Rejects with the flow's own error. */
  async execute<Input, Output>(flow: Flow<Input, Output>, input: Input): Promise<FakeOutcome<Output>> {
    this.#position = 0
    this.#crash = Promise.withResolvers()
    const completed = flow.body(this, input).then((output) => ({ state: 'completed', output }) as const)
    return Promise.race([completed, this.#crash.promise])
  }

  async step<T>(name: string, effect: () => Promise<T>): Promise<T> {
    const position = this.#position++
    const past = this.#history[position]
    if (past) return recall(past, name) as T
    await this.#crashHere(name, 'before')
    const outcome = await this.#attempt(name, effect)
    await this.#crashHere(name, 'after')
    this.#history[position] = outcome
    return recall(outcome, name) as T
  }

  async sleep(ms: number): Promise<void> {
    await this.step(`sleep ${ms} ms`, async () => {
      this.slept.push(ms)
    })
  }

  async #attempt(name: string, effect: () => Promise<unknown>): Promise<Remembered> {
    const counted = () => {
      this.effects.push(name)
      return effect()
    }
    try {
      return { name, value: structuredClone(await withRetries(counted, STEP_RETRIES, async () => {})) }
    } catch (error) {
      return { name, error }
    }
  }

  /** Stops for ever, as a lost process does, so that no `catch` or `finally` of the body runs. */
  async #crashHere(name: string, when: 'before' | 'after'): Promise<void> {
    if (this.#crashAt?.step !== name || this.#crashAt.when !== when) return
    this.#crashAt = undefined
    this.#crash.resolve({ state: 'crashed', step: name })
    await new Promise(() => {})
  }
}

function recall(past: Remembered, name: string): unknown {
  if (past.name !== name) {
    throw new Error(`The flow is not deterministic: step "${past.name}" was remembered where "${name}" runs now.`)
  }
  if ('error' in past) throw past.error
  return past.value
}
