/** Holds each file of a place to the state in which it was listed or first read. */
import { type BudError, failed } from '@bud/kernel'

export class KnownStates {
  readonly #states = new Map<string, string>()

  /** A later listing tells anew what the files are. */
  listed(path: string, state: string): void {
    this.#states.set(path, state)
  }

  /** Of a file that was listed or read before. */
  of(path: string): string | undefined {
    return this.#states.get(path)
  }

  /** Throws `failed` (source-changed) when the file is in another state than before. */
  hold(path: string, state: string): void {
    const known = this.#states.get(path)
    if (known === undefined) this.#states.set(path, state)
    else if (known !== state) throw this.changed(path)
  }

  changed(path: string): BudError {
    return failed(`${path} changed while it was imported.`, [
      {
        code: 'source-changed',
        message: `${path} is no longer the file that was listed or first read.`,
        path,
        next_step: 'Wait until the files are complete, then register again.',
      },
    ])
  }
}
